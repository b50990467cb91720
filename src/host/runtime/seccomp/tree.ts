import { runtimeError } from '../errors.ts';
import type { Condition, Rule } from './conditions.ts';
import {
  isUnconditional,
  LESS_RANK,
  testOf,
  type Branch,
  type Level,
  type Test,
  type Width,
} from './tests.ts';

/**
 * The comparisons of one call. Which of several rules that match counts is nowhere written; this is libseccomp's
 * order, on which profiles have come to rest:
 * - a rule without conditions counts whatever other rules say, the first such one if there are several;
 * - conditions on later arguments are tried first; for one argument equality before less before greater; greater
 *   values before smaller ones, but for "less" the other way round: the closer bound counts;
 * - of two rules with the same comparisons and different actions, or where the conditions of a later one are the
 *   beginning of an earlier one's, neither can count.
 */
export function treeOf(rules: readonly Rule[], width: Width): number | Level {
  for (const rule of rules) if (isUnconditional(rule, width)) return rule.action;
  let level: Level = [];
  for (const rule of withoutCovered(rules)) level = addTest(level, testOf(rule, width));
  return level;
}

/** Without rules whose arguments another one has already, with fewer conditions and the same action. */
function withoutCovered(rules: readonly Rule[]): readonly Rule[] {
  const kept: Rule[] = [];
  for (const rule of rules) {
    if (kept.some((other) => covers(other, rule))) continue;
    for (let at = kept.length - 1; at >= 0; at--) {
      const other = kept[at];
      if (other !== undefined && covers(rule, other)) kept.splice(at, 1);
    }
    kept.push(rule);
  }
  return kept;
}

function covers(one: Rule, other: Rule): boolean {
  if (one.action !== other.action || one.conditions.length > other.conditions.length) return false;
  return one.conditions.every((condition) => other.conditions.some((its) => isSameCondition(its, condition)));
}

function isSameCondition(one: Condition, other: Condition): boolean {
  if (one.low !== other.low || one.index !== other.index || one.op !== other.op) return false;
  return one.high === other.high && one.maskHigh === other.maskHigh && one.maskLow === other.maskLow;
}

function addTest(level: Level, added: Test): Level {
  for (let at = 0; at < level.length; at++) {
    const test = level[at];
    if (test === undefined) continue;
    if (isSame(test, added)) return level.with(at, merge(test, added));
    if (isBefore(added, test)) return level.toSpliced(at, 0, added);
  }
  return [...level, added];
}

function isSame(one: Test, other: Test): boolean {
  const isAlike = one.word === other.word && one.op === other.op;
  return isAlike && one.value === other.value && one.mask === other.mask;
}

function isBefore(one: Test, other: Test): boolean {
  if (one.word !== other.word) return one.word > other.word;
  if (one.rank !== other.rank) return one.rank > other.rank;
  return one.rank === LESS_RANK ? one.value < other.value : one.value > other.value;
}

function merge(test: Test, added: Test): Test {
  // Above the last half of a 64-bit value, the comparison with the closer bound decides for both.
  const choice = (isNearer: boolean): Choice => ({
    choose: () => pick(test, added, isNearer),
    refuse: () => refuseConflict(added),
  });
  return {
    ...test,
    yes: mergeBranch(test.yes, added.yes, choice(added.whole > test.whole)),
    no: mergeBranch(test.no, added.no, choice(added.whole < test.whole)),
  };
}

/** Which of two actions counts. */
type Pick = 'old' | 'new';

interface Choice {
  readonly choose: () => Pick;
  readonly refuse: () => never;
}

function pick(test: Test, added: Test, isCloser: boolean): Pick {
  if (isLeaf(test) || isLeaf(added)) refuseConflict(added);
  return isCloser && added.word % 2 === 1 ? 'new' : 'old';
}

function isLeaf({ yes, no }: Test): boolean {
  return typeof yes !== 'object' && typeof no !== 'object';
}

function mergeBranch(old: Branch, added: Branch, { choose, refuse }: Choice): Branch {
  if (added === undefined) return old;
  if (old === undefined) return added;
  if (typeof added === 'object') {
    // What matches fewer arguments comes too late.
    return typeof old === 'number' ? old : added.reduce(addTest, old);
  }
  if (typeof old === 'object') return leadsOnlyTo(old, added) ? added : refuse();
  if (old === added) return old;
  return choose() === 'new' ? added : old;
}

function leadsOnlyTo(level: Level, action: number): boolean {
  const isFine = (branch: Branch): boolean =>
    branch === undefined || (typeof branch === 'number' ? branch === action : leadsOnlyTo(branch, action));
  return level.every(({ yes, no }) => isFine(yes) && isFine(no));
}

function refuseConflict({ entry }: Test): never {
  throw runtimeError(
    'SPEC_INVALID',
    `The field linux.seccomp.syscalls[${entry}] must not give another action to arguments that an entry before it has: merge the two`,
  );
}
