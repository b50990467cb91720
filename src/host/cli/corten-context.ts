import { CortenError, isCortenError } from '../../pure/base/errors.ts';
import { isSysError } from '../kernel/call.ts';
import type { Roots } from '../engine/roots.ts';
import { printError } from './runt-context.ts';

/** What every verb of `corten` gets. */
export interface CortenContext {
  readonly roots: Roots;
  /** The words after the verb. */
  readonly words: readonly string[];
}

/** Docker's codes: the command line or the engine failed; the program is no executable; there is no such program. */
export const EXIT = { FAILED: 1, ENGINE: 125, NOT_EXECUTABLE: 126, NOT_FOUND: 127 } as const;

/** Characters of a message that is still read: what strangers' files say may be longer. */
const LONGEST_MESSAGE = 2000;

/** Prints what went wrong as one line. */
export function reportError(error: unknown): void {
  const text = isCortenError(error) || isSysError(error) ? error.message : String(error);
  printError(`corten: ${onOneLine(`${text}${hintFor(error)}`)}\n`);
  if (isCortenError(error) || isSysError(error)) return;
  const { describeBug } = load('cli/trace.chunk.js') as { readonly describeBug: (error: unknown) => string };
  printError(describeBug(error));
}

const UNKNOWN_NAMES: ReadonlySet<string> = new Set(['ENGINE_CONTAINER_NOT_FOUND', 'IMAGE_NOT_FOUND']);

/** What was probably meant by a name that is unknown. */
function hintFor(error: unknown): string {
  if (!isCortenError(error) || !UNKNOWN_NAMES.has(error.code)) return '';
  return (load('cli/known-names.chunk.js') as typeof import('./known-names.chunk.ts')).hintFor(error);
}

/** Names in it may come from an image: none may speak to the terminal, or pretend to be a line of its own. */
function onOneLine(text: string): string {
  const shown = text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
  return shown.replace(/[\0-\x1f\x7f-\x9f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

/** The exit code for a failure of `run` or `exec`. */
export function exitCodeOf(error: unknown): number {
  if (!isCortenError(error)) return EXIT.ENGINE;
  if (error.code === 'RUNTIME_EXEC_NOT_FOUND') return EXIT.NOT_FOUND;
  return error.code === 'RUNTIME_EXEC_NOT_EXECUTABLE' ? EXIT.NOT_EXECUTABLE : EXIT.ENGINE;
}

export function usageError(text: string): CortenError {
  return new CortenError('invalid_argument', 'CLI_ARGUMENTS', text);
}

/** Does `work` for each word; the first failure does not keep the others from their turn. Exit code 1 if any failed. */
export function forEach(words: readonly string[], work: (word: string) => void): number {
  let code = 0;
  for (const word of words) {
    try {
      work(word);
    } catch (error) {
      reportError(error);
      code = EXIT.FAILED;
    }
  }
  return code;
}
