import { CortenError } from '../../../pure/base/errors.ts';

/** The template itself is wrong. */
export function syntaxError(what: string): CortenError {
  return new CortenError('invalid_argument', 'CLI_TEMPLATE_SYNTAX', `The format is no template: ${what}`);
}

/** The template asks for what the value hasn't. */
export function executionError(what: string): CortenError {
  return new CortenError('invalid_argument', 'CLI_TEMPLATE_FAILED', `The format can't be filled in: ${what}`);
}
