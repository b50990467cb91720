import type { Rule } from './conditions.ts';
import type { Family } from './tables.ts';

/** One entry of linux.seccomp.syscalls. */
export interface Entry {
  readonly names: readonly string[];
  /** An action whatever the arguments are, rules about them, or undefined: what the default action says anyway. */
  readonly statement: Statement;
}

export type Statement = number | readonly Rule[] | undefined;

/** What a profile says of the names of a family, by their places. */
export interface Said {
  readonly statements: readonly Statement[];
  /** 1 for what the profile names, whatever it says of it. */
  readonly named: Uint8Array;
}

/** Names that the family doesn't have are passed over. */
export function statementsOf(entries: readonly Entry[], { names: places }: Family): Said {
  const statements = new Array<Statement>(places.size).fill(undefined);
  const named = new Uint8Array(places.size);
  for (const { names, statement } of entries) {
    for (const name of names) {
      const place = places.get(name);
      if (place === undefined) continue;
      named[place] = 1;
      const before = statements[place];
      if (before === undefined) statements[place] = statement;
      else if (typeof before === 'object') statements[place] = both(before, statement);
    }
  }
  return { statements, named };
}

/** After an action whatever the arguments are, nothing counts; but which rules are that depends on the width. */
function both(before: readonly Rule[], statement: Statement): readonly Rule[] {
  if (statement === undefined) return before;
  return before.concat(
    typeof statement === 'number' ? { action: statement, conditions: [], entry: 0 } : statement,
  );
}
