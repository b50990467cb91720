import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';

export const DETACH_KEYS_FLAG = {
  kind: 'text',
  value: 'KEYS',
  help: 'what to type to leave the container running, ctrl-p,ctrl-q unless given',
} as const;

/** The characters after `ctrl-` beside the letters, whose codes follow those of the letters. */
const OTHERS = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

/** --detach-keys as bytes: a list of single characters and `ctrl-x`; none for an empty text. */
export function detachKeysFrom(options: Options): readonly number[] | undefined {
  const text = options.text('detach-keys');
  if (text === undefined) return undefined;
  return text === '' ? [] : text.split(',').map((key) => keyOf(key, text));
}

function keyOf(key: string, text: string): number {
  if (/^[!-~]$/.test(key)) return key.charCodeAt(0);
  const code = key.startsWith('ctrl-') && key.length === 6 ? OTHERS.indexOf(key.slice(5).toLowerCase()) : -1;
  if (code >= 0) return code;
  throw usageError(
    `The flag --detach-keys takes characters and ctrl-x with commas between them, not "${text}"`,
  );
}
