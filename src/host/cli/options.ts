import { CortenError } from '../../pure/base/errors.ts';
import { orNearest } from './nearest.ts';

/** What a flag takes: nothing, one text, or a text each time it is given. */
export type FlagKind = 'switch' | 'text' | 'list';

export interface Flag {
  readonly kind: FlagKind;
  /** One letter for the short form. */
  readonly short?: string;
  /** What the value is called in help. */
  readonly value?: string;
  readonly help: string;
}

export type FlagTable = Readonly<Record<string, Flag>>;

export class Options {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** What follows the flags, from the first word that is none. */
  readonly rest: readonly string[];

  constructor(values: ReadonlyMap<string, readonly string[]>, rest: readonly string[]) {
    this.#values = values;
    this.rest = rest;
  }

  /** Whether a switch is on; `--flag=false` turns it off. */
  isOn(name: string): boolean {
    return this.#values.get(name)?.at(-1) === 'true';
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Whether any flag of a table was given. */
  hasAny(flags: FlagTable): boolean {
    return Object.keys(flags).some((name) => this.#values.has(name));
  }
}

/** Where flags may stand: only before the first word that is none, or between the words too. */
export type FlagPlace = 'first' | 'anywhere';

/**
 * Reads flags as the peers' command lines do: `--name value`, `--name=value`, `-n value`, `-nvalue`, bundled switches
 * (`-it`) and long names with one dash (`-bundle`); `--` ends the flags.
 */
export function parseOptions(
  words: readonly string[],
  flags: FlagTable,
  place: FlagPlace = 'first',
): Options {
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (word.startsWith('-') && word !== '-') at += take({ word, next: words[at + 1], flags, values });
    else if (place === 'anywhere') rest.push(word);
    else break;
  }
  return new Options(values, [...rest, ...words.slice(at)]);
}

interface Taking {
  readonly word: string;
  readonly next: string | undefined;
  readonly flags: FlagTable;
  readonly values: Map<string, string[]>;
}

/** Takes one word of flags; how many further words it used. */
function take({ word, next, flags, values }: Taking): number {
  const long = word.replace(/^--?/, '');
  const equals = long.indexOf('=');
  const name = equals < 0 ? long : long.slice(0, equals);
  if (Object.hasOwn(flags, name) && (word.startsWith('--') || name.length > 1)) {
    return store({
      name,
      inline: equals < 0 ? undefined : long.slice(equals + 1),
      next,
      flags,
      values,
      word,
    });
  }
  if (word.startsWith('--')) throw unknownFlag(word, flags);
  return takeShort({ word, next, flags, values });
}

function takeShort({ word, next, flags, values }: Taking): number {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? '';
    const name = Object.keys(flags).find((key) => flags[key]?.short === letter || key === letter);
    if (name === undefined) throw unknownFlag(word, flags);
    const rest = word.slice(at + 1);
    if (flags[name]?.kind !== 'switch') {
      const inline = rest === '' ? undefined : rest.replace(/^=/, '');
      return store({ name, inline, next, flags, values, word });
    }
    if (rest.startsWith('=')) return store({ name, inline: rest.slice(1), next, flags, values, word });
    store({ name, inline: undefined, next, flags, values, word });
  }
  return 0;
}

function store(taking: Taking & { readonly name: string; readonly inline: string | undefined }): number {
  const { name, inline, next, flags, values, word } = taking;
  const isSwitch = flags[name]?.kind === 'switch';
  const value = inline ?? (isSwitch ? 'true' : next);
  if (value === undefined) {
    throw new CortenError(
      'invalid_argument',
      'CLI_FLAG_NEEDS_VALUE',
      `The flag ${word} needs a value: --help lists the flags`,
    );
  }
  if (isSwitch && value !== 'true' && value !== 'false') {
    const text = `The flag --${name} is a switch: give it as --${name} or --${name}=false, not "${value}"`;
    throw new CortenError('invalid_argument', 'CLI_FLAG_NOT_BOOLEAN', text);
  }
  values.set(name, [...(values.get(name) ?? []), value]);
  return isSwitch || inline !== undefined ? 0 : 1;
}

function unknownFlag(word: string, flags: FlagTable): CortenError {
  const flag = word.replace(/=.*$/, '');
  const hint = flag.startsWith('--')
    ? orNearest(flag, () => Object.keys(flags).map((name) => `--${name}`))
    : '';
  return new CortenError(
    'invalid_argument',
    'CLI_FLAG_UNKNOWN',
    `Unknown flag ${flag}: --help lists the flags${hint}`,
  );
}
