import { runtimeError } from '../errors.ts';
import { MOST_INSTRUCTIONS } from './assembler.ts';
import type { Rule } from './conditions.ts';
import { isCarried, withCarried } from './multiplexed.ts';
import type { Entry, Said } from './statements.ts';
import { tableOf, type Architecture, type Family, type Table } from './tables.ts';
import type { Level, Width } from './tests.ts';
import { treeOf } from './tree.ts';

/** What comes of one call. */
export type Outcome = number | Level;

/** What a profile says of the calls of one architecture. */
export interface Calls {
  readonly table: Table;
  /** By the places of names. */
  readonly said: Said;
  readonly outcomeOf: (rules: readonly Rule[]) => Outcome;
  /** The greatest number that the profile names; undefined if it names none. */
  readonly newest: number | undefined;
}

interface Question {
  readonly entries: readonly Entry[];
  readonly family: Family;
  readonly said: Said;
  readonly trees: Trees;
}

const WIDTHS: Readonly<Record<Architecture, Width>> = { x86_64: 64, x86: 32, x32: 32, aarch64: 64, arm: 32 };

/** Each takes an instruction at least, for each width; and sorting them takes time by the square. */
const MOST_RULES = 2 * MOST_INSTRUCTIONS;

/** What rules come to, for all architectures that have the same width. */
export class Trees {
  readonly #known = { 32: new Map<readonly Rule[], Outcome>(), 64: new Map<readonly Rule[], Outcome>() };

  #count = 0;

  of(width: Width): (rules: readonly Rule[]) => Outcome {
    const known = this.#known[width];
    return (rules) => {
      const before = known.get(rules);
      if (before !== undefined) return before;
      this.#count += rules.length;
      if (this.#count > MOST_RULES) refuseRules();
      const outcome = treeOf(rules, width);
      known.set(rules, outcome);
      return outcome;
    };
  }
}

export function callsOf(architecture: Architecture, { entries, family, said, trees }: Question): Calls {
  const table = tableOf(architecture, family);
  const isX86 = architecture === 'x86';
  const number = newestOf(table, (place) => said[place] !== undefined && !(isX86 && isCarried(place)));
  return {
    table,
    said: isX86 ? withCarried(said, entries) : said,
    outcomeOf: trees.of(WIDTHS[architecture]),
    // runc takes 0 for none, but x32's numbers have bit 30 there.
    newest: number === 0 && architecture !== 'x32' ? undefined : number,
  };
}

function refuseRules(): never {
  throw runtimeError(
    'SPEC_INVALID',
    'The field linux.seccomp.syscalls has more conditions than a filter has room for: use fewer',
  );
}

function newestOf(table: Table, counts: (place: number) => boolean): number | undefined {
  for (let run = table.length - 1; run >= 0; run--) {
    const { start, places } = table[run] ?? { start: 0, places: [] };
    for (let at = places.length - 1; at >= 0; at--) if (counts(places[at] ?? 0)) return start + at;
  }
  return undefined;
}
