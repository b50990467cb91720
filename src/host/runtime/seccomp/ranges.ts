import { KILL, NO_SUCH_CALL } from './actions.ts';
import type { Level } from './tests.ts';

export type Outcome = number | Level;

/** Call numbers from `start` to the next range's have one outcome. */
export interface Range {
  readonly start: number;
  readonly outcome: Outcome;
}

/** What a profile says of the calls of one table. */
export interface Calls {
  /** Ascending. */
  readonly numbers: readonly number[];
  /** Of each number; undefined is what the default action says. */
  readonly outcomes: readonly (Outcome | undefined)[];
  /** The greatest number that the profile names, whatever it says of it. */
  readonly newest: number | undefined;
}

export interface Answers {
  readonly otherwise: number;
  /** A call newer than any that the profile names doesn't exist, instead of being forbidden. */
  readonly hasNewest: boolean;
}

const X32_BIT = 0x40000000;

/** All numbers of an architecture with one table. */
export function rangesOf(calls: Calls, answers: Answers): readonly Range[] {
  return new Ranges().add(0, calls, answers).list;
}

/**
 * All numbers of x86-64, where calls of x32 have bit 30. A profile without x32 treats them as of an architecture it
 * doesn't name, but for -1, by which a tracer skips a call. In the upper half of the numbers there are no calls.
 */
export function rangesOfX86(calls: Calls, x32: Calls | undefined, answers: Answers): readonly Range[] {
  const ranges = new Ranges().add(0, calls, answers);
  const beyond = (table: Calls, otherwise: number): number =>
    answers.hasNewest && table.newest !== undefined ? NO_SUCH_CALL : otherwise;
  if (x32 === undefined) {
    ranges.push(X32_BIT, KILL);
    ranges.push(2 * X32_BIT, beyond(calls, KILL));
    ranges.push(3 * X32_BIT, KILL);
    ranges.push(4 * X32_BIT - 1, answers.otherwise);
    return ranges.list;
  }
  ranges.add(X32_BIT, x32, answers);
  ranges.push(2 * X32_BIT, beyond(calls, answers.otherwise));
  ranges.push(3 * X32_BIT, beyond(x32, answers.otherwise));
  return ranges.list;
}

class Ranges {
  readonly list: Range[] = [];

  push(start: number, outcome: Outcome): void {
    if (this.list.at(-1)?.start === start) this.list.pop();
    if (this.list.at(-1)?.outcome !== outcome) this.list.push({ start, outcome });
  }

  add(base: number, { numbers, outcomes, newest }: Calls, { otherwise, hasNewest }: Answers): this {
    let next = 0;
    let last: Outcome = otherwise;
    this.push(base, otherwise);
    numbers.forEach((number, place) => {
      const outcome = outcomes[place] ?? otherwise;
      if (number > next && last !== otherwise) this.push(base + next, (last = otherwise));
      if (outcome !== last) this.push(base + number, (last = outcome));
      next = number + 1;
    });
    this.push(base + next, otherwise);
    if (hasNewest && newest !== undefined) this.push(base + newest + 1, NO_SUCH_CALL);
    return this;
  }
}
