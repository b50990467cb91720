import type { Rule } from './conditions.ts';
import { carried, CARRIED_CALLS } from './multiplexed.ts';
import type { Calls, Outcome } from './ranges.ts';
import { tableOf, type Architecture, type Table } from './tables.ts';
import type { Width } from './tests.ts';
import { treeOf } from './tree.ts';

/** One entry of linux.seccomp.syscalls; without rules where it says what the default action says anyway. */
export interface Entry {
  readonly names: readonly string[];
  readonly rules: readonly Rule[];
}

const WIDTHS: Readonly<Record<Architecture, Width>> = { x86_64: 64, x86: 32, x32: 32, aarch64: 64, arm: 32 };

/** What the profile says of each call that the architecture has; names that it doesn't have are passed over. */
export function callsOf(entries: readonly Entry[], architecture: Architecture): Calls {
  const table = tableOf(architecture);
  const found: RulesByPlace = new Array<undefined>(table.numbers.length).fill(undefined);
  const newest = architecture === 'x86' ? collectX86(entries, table, found) : collect(entries, table, found);
  const outcomes = outcomesOf(found, WIDTHS[architecture]);
  // runc takes 0 for none, but x32's numbers have bit 30 there.
  const number = table.numbers[newest];
  return {
    numbers: table.numbers,
    outcomes,
    newest: number === 0 && architecture !== 'x32' ? undefined : number,
  };
}

/** In the order of the architecture's table. */
type RulesByPlace = (readonly Rule[] | undefined)[];

/** The place of the newest call that the profile names, whatever it says of it; -1 if it names none. */
function collect(entries: readonly Entry[], { places }: Table, found: RulesByPlace): number {
  let newest = -1;
  for (const { names, rules } of entries) {
    for (const name of names) {
      const place = places.get(name);
      if (place === undefined) continue;
      if (place > newest) newest = place;
      add(found, place, rules);
    }
  }
  return newest;
}

/** Calls of sockets and System V IPC have two ways each, and don't count for which call is the newest. */
function collectX86(entries: readonly Entry[], { places }: Table, found: RulesByPlace): number {
  let newest = -1;
  for (const { names, rules } of entries) {
    for (const name of names) {
      const place = places.get(name);
      if (place !== undefined) add(found, place, rules);
      const way = CARRIED_CALLS.get(name);
      if (way !== undefined) {
        add(
          found,
          places.get(way.carrier) ?? 0,
          rules.map((rule) => carried(rule, way.kind)),
        );
      } else if (place !== undefined && place > newest) newest = place;
    }
  }
  return newest;
}

function add(found: RulesByPlace, place: number, rules: readonly Rule[]): void {
  if (rules.length === 0) return;
  const before = found[place];
  found[place] = before === undefined ? rules : before.concat(rules);
}

/** Calls that one entry speaks of share what it comes to. */
function outcomesOf(found: RulesByPlace, width: Width): readonly (Outcome | undefined)[] {
  const known = new Map<readonly Rule[] | undefined, Outcome>();
  return found.map((rules) => {
    if (rules === undefined) return undefined;
    const outcome = known.get(rules) ?? treeOf(rules, width);
    known.set(rules, outcome);
    return outcome;
  });
}
