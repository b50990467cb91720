import { CortenError } from '../../pure/base/errors.ts';
import { parseOptions, type Flag, type FlagPlace, type FlagTable, type Options } from './options.ts';

export interface VerbHelp {
  /** As in `run [flags] CONTAINER`. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: FlagTable;
  /**
   * `first` for a verb whose words are a command with flags of its own. Unless given, corten takes flags anywhere, as
   * docker and podman do, and runt before the first word.
   */
  readonly flagPlace?: FlagPlace;
}

/** Instead of a verb's words: asks it for its flags that begin with the next word, for a shell's completion. */
export const FLAGS_WORD = '__flags';

/** The options of a verb; undefined when it was asked for help, which is then printed. */
export function parseVerb(
  program: string,
  { usage, summary, flags, flagPlace = program === 'corten' ? 'anywhere' : 'first' }: VerbHelp,
  words: readonly string[],
): Options | undefined {
  const table: FlagTable = { ...flags, help: helpFlag(flags) };
  if (words[0] === FLAGS_WORD) {
    helpText().printFlags(table, words[1] ?? '');
    return undefined;
  }
  const options = parseOptions(words, table, flagPlace);
  if (!options.isOn('help')) return options;
  helpText().printHelp(program, { usage, summary, flags: table });
  return undefined;
}

function helpText(): typeof import('./help-text.chunk.ts') {
  return load('cli/help-text.chunk.js') as typeof import('./help-text.chunk.ts');
}

/** As with docker, -h is help wherever it isn't something else. */
function helpFlag(flags: FlagTable): Flag {
  const isFree = Object.values(flags).every(({ short }) => short !== 'h');
  return { kind: 'switch', ...(isFree ? { short: 'h' } : {}), help: 'print this help' };
}

/** The only word that is left, or an error that says which is wanted. */
export function onlyWord({ rest }: Options, what: string): string {
  const [word] = rest;
  if (word !== undefined && rest.length === 1) return word;
  const text =
    word === undefined ? `The ${what} is missing` : `Only one ${what} is taken, not "${rest.join(' ')}"`;
  throw new CortenError('invalid_argument', 'CLI_ARGUMENTS', text);
}

/** For verbs that take no word. */
export function refuseWords({ rest }: Options): void {
  if (rest.length === 0) return;
  throw new CortenError('invalid_argument', 'CLI_ARGUMENTS', `No argument is taken, not "${rest.join(' ')}"`);
}

/** The value of a flag as a whole number. */
export function numberOf(options: Options, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CortenError(
    'invalid_argument',
    'CLI_FLAG_NOT_NUMBER',
    `The flag --${name} takes a whole number, not "${text}"`,
  );
}
