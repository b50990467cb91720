import type { Rule } from './conditions.ts';
import type { Family } from './tables.ts';

/** One entry of linux.seccomp.syscalls. */
export interface Entry {
  readonly names: readonly string[];
  readonly statement: Statement;
}

/** An action whatever the arguments are, rules about them, or null: what the default action says anyway. */
export type Statement = number | readonly Rule[] | null;

/** What a profile says of the names of a family, by their places; undefined of what it doesn't name. */
export type Said = readonly (Statement | undefined)[];

/** Names that the family doesn't have are passed over. */
export function statementsOf(entries: readonly Entry[], { names: places }: Family): Said {
  const said = new Array<Statement | undefined>(places.size).fill(undefined);
  for (const { names, statement } of entries) {
    for (const name of names) {
      const place = places.get(name);
      if (place === undefined) continue;
      const before = said[place];
      if (before === undefined || before === null) said[place] = statement;
      else if (typeof before === 'object') said[place] = both(before, statement);
    }
  }
  return said;
}

/** After an action whatever the arguments are, nothing counts; but which rules are that depends on the width. */
function both(before: readonly Rule[], statement: Statement): readonly Rule[] {
  if (statement === null) return before;
  return before.concat(
    typeof statement === 'number' ? { action: statement, conditions: [], entry: 0 } : statement,
  );
}
