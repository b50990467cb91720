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
    if (isCovered(rule, kept)) continue;
    for (let at = kept.length - 1; at >= 0; at--) {
      const other = kept[at];
      if (other !== undefined && covers(rule, other)) kept.splice(at, 1);
    }
    kept.push(rule);
  }
  return kept;
}

function isCovered(rule: Rule, kept: readonly Rule[]): boolean {
  for (const other of kept) if (covers(other, rule)) return true;
  return false;
}

function covers(one: Rule, other: Rule): boolean {
  const few = one.conditions;
  const many = other.conditions;
  if (one.action !== other.action || few.length > many.length) return false;
  for (const condition of few) if (!isAmong(many, condition)) return false;
  return true;
}

function isAmong(conditions: readonly Condition[], one: Condition): boolean {
  for (const condition of conditions) {
    if (condition.low === one.low && isSameCondition(condition, one)) return true;
  }
  return false;
}

function isSameCondition(one: Condition, other: Condition): boolean {
  if (one.index !== other.index || one.op !== other.op) return false;
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
  const isGreater = added.whole > test.whole;
  const yes = mergeBranch(test.yes, added.yes, { test, added, isNearer: isGreater });
  const no = mergeBranch(test.no, added.no, {
    test,
    added,
    isNearer: !isGreater && added.whole < test.whole,
  });
  const { word, op, value, mask, rank, whole, entry } = test;
  return { word, op, value, mask, rank, whole, entry, yes, no };
}

/** Two tests of one kind, one of whose branches is to be both of theirs. */
interface Pair {
  readonly test: Test;
  readonly added: Test;
  /** Whether the added one's bound is the closer on this side. */
  readonly isNearer: boolean;
}

function mergeBranch(old: Branch, added: Branch, pair: Pair): Branch {
  if (added === undefined) return old;
  if (old === undefined) return added;
  if (typeof added === 'object') {
    // What matches fewer arguments comes too late.
    return typeof old === 'number' ? old : added.reduce(addTest, old);
  }
  if (typeof old === 'object') return leadsOnlyTo(old, added) ? added : refuseConflict(pair.added);
  if (old === added) return old;
  return isAddedChosen(pair) ? added : old;
}

function isAddedChosen({ test, added, isNearer }: Pair): boolean {
  if (isLeaf(test) || isLeaf(added)) refuseConflict(added);
  return isNearer && added.word % 2 === 1;
}

function isLeaf({ yes, no }: Test): boolean {
  return typeof yes !== 'object' && typeof no !== 'object';
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
