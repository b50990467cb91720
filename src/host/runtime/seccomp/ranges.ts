import { KILL, NO_SUCH_CALL } from './actions.ts';
import type { Calls, Outcome } from './calls.ts';
import type { Rule } from './conditions.ts';
import type { Statement } from './statements.ts';

export interface Answers {
  readonly otherwise: number;
  /** A call newer than any that the profile names doesn't exist, instead of being forbidden. */
  readonly hasNewest: boolean;
}

const X32_BIT = 0x40000000;

/** All numbers of an architecture with one table. */
export function rangesOf(calls: Calls, answers: Answers): Ranges {
  return new Ranges().add(0, calls, answers);
}

/**
 * All numbers of x86-64, where calls of x32 have bit 30. A profile without x32 treats them as of an architecture it
 * doesn't name, but for -1, by which a tracer skips a call. In the upper half of the numbers there are no calls.
 */
export function rangesOfX86(calls: Calls, x32: Calls | undefined, answers: Answers): Ranges {
  const ranges = new Ranges().add(0, calls, answers);
  const beyond = (table: Calls, otherwise: number): number =>
    answers.hasNewest && table.newest !== undefined ? NO_SUCH_CALL : otherwise;
  if (x32 === undefined) {
    ranges.push(X32_BIT, KILL);
    ranges.push(2 * X32_BIT, beyond(calls, KILL));
    ranges.push(3 * X32_BIT, KILL);
    ranges.push(4 * X32_BIT - 1, answers.otherwise);
    return ranges;
  }
  ranges.add(X32_BIT, x32, answers);
  ranges.push(2 * X32_BIT, beyond(calls, answers.otherwise));
  ranges.push(3 * X32_BIT, beyond(x32, answers.otherwise));
  return ranges;
}

/** What nobody says. */
const NOTHING: readonly Rule[] = [];

/** Call numbers from one start to the next have one outcome; the first start is 0. */
export class Ranges {
  readonly starts: number[] = [];
  readonly outcomes: Outcome[] = [];

  get length(): number {
    return this.starts.length;
  }

  push(start: number, outcome: Outcome): void {
    const { starts, outcomes } = this;
    if (starts.at(-1) === start) {
      starts.pop();
      outcomes.pop();
    }
    if (outcomes.at(-1) === outcome) return;
    starts.push(start);
    outcomes.push(outcome);
  }

  /** Runs of calls of which the same is said are passed over quickly: there are hundreds of calls. */
  add(base: number, calls: Calls, { otherwise, hasNewest }: Answers): this {
    const { table, said, outcomeOf, newest } = calls;
    for (const { start, places } of table) {
      const first = base + start;
      const { length } = places;
      if (this.starts.length === 0 && first > 0) this.push(0, otherwise);
      let last: Statement | undefined = NOTHING;
      for (let at = 0; at < length; at++) {
        const statement = said[places[at] as number];
        if (statement === last) continue;
        last = statement;
        const isRules = typeof statement === 'object' && statement !== null;
        this.push(first + at, isRules ? outcomeOf(statement) : (statement ?? otherwise));
      }
      this.push(first + length, otherwise);
    }
    if (hasNewest && newest !== undefined) this.push(base + newest + 1, NO_SUCH_CALL);
    return this;
  }
}
