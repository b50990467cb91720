import { CortenError, type ErrorDetails, type ErrorKind } from '../base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const CONFIG_ERRORS = {
  CONFIG_INVALID: 'invalid_argument',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;

export function configError(code: ConfigErrorCode, message: string, details: ErrorDetails = {}): CortenError {
  return new CortenError(CONFIG_ERRORS[code], code, message, details);
}
