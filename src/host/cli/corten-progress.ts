import type { ProgressForm } from '../../pure/config/pull-request.ts';
import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';

const FORMS: ReadonlySet<string> = new Set(['auto', 'tty', 'plain', 'json']);

export const PROGRESS_FLAG = {
  kind: 'text',
  value: 'FORM',
  help: 'auto, tty (bars), plain (lines) or json (one object a line, on standard output)',
} as const;

/** How --progress and --quiet want progress shown. */
export function progressFrom(options: Options): ProgressForm {
  if (options.isOn('quiet')) return 'quiet';
  const form = options.text('progress') ?? 'auto';
  if (isForm(form)) return form;
  throw usageError(`The flag --progress takes auto, tty, plain or json, not "${form}"`);
}

function isForm(text: string): text is ProgressForm {
  return FORMS.has(text);
}
