import { invariant } from '../../../pure/base/errors.ts';
import type { Condition, Rule } from './conditions.ts';

/** What a comparison leads to: an action, further comparisons, or (undefined) the next one on its own level. */
export type Branch = number | Level | undefined;

/** Comparisons tried in this order until one leads to an action. */
export type Level = readonly Test[];

/** One comparison of half an argument. */
export interface Test {
  /** The argument's half: twice its index, and one more for the high half. */
  readonly word: number;
  readonly op: 'equal' | 'masked' | 'greater' | 'greaterEqual';
  readonly value: number;
  readonly mask: number;
  /** Of the condition that it is of: kinds of comparison have an order among themselves. */
  readonly rank: number;
  readonly whole: bigint;
  /** Which entry of linux.seccomp.syscalls asks for it. */
  readonly entry: number;
  readonly yes: Branch;
  readonly no: Branch;
}

/** Arguments of 32-bit architectures are compared by their low half alone. */
export type Width = 32 | 64;

/** Whether nothing has to hold. */
export function isUnconditional(rule: Rule, width: Width): boolean {
  return rule.conditions.every((condition) => alwaysHolds(condition, width));
}

/** The first of a conditional rule's comparisons, with what follows from it. */
export function testOf(rule: Rule, width: Width): Test {
  const conditions = rule.conditions.filter((condition) => !alwaysHolds(condition, width));
  const [first, ...others] = conditions.map((condition) => ({ ...condition, entry: rule.entry }));
  invariant(first !== undefined, 'a rule without conditions has no test');
  const make = width === 64 ? wideTest : lowTest;
  return make(
    first,
    others.reduceRight<Branch>((rest, condition) => [make(condition, rest)], rule.action),
  );
}

function alwaysHolds({ maskHigh, maskLow }: Condition, width: Width): boolean {
  return maskLow === 0 && (width === 32 || maskHigh === 0);
}

interface Asked extends Condition {
  readonly entry: number;
}

function wideTest(condition: Asked, rest: Branch): Test {
  const low: Level = [lowTest(condition, rest)];
  switch (condition.op) {
    case 'SCMP_CMP_EQ':
      return highTest(condition, 'equal', { yes: low });
    case 'SCMP_CMP_MASKED_EQ':
      return highTest(condition, 'masked', { yes: low });
    case 'SCMP_CMP_NE':
      return highTest(condition, 'equal', { yes: low, no: rest });
    case 'SCMP_CMP_GT':
    case 'SCMP_CMP_GE':
      return highTest(condition, 'greater', { yes: rest, no: [highTest(condition, 'equal', { yes: low })] });
    case 'SCMP_CMP_LT':
    case 'SCMP_CMP_LE':
      return highTest(condition, 'greater', { no: [highTest(condition, 'equal', { yes: low, no: rest })] });
  }
}

interface Ways {
  readonly yes?: Branch;
  readonly no?: Branch;
}

function highTest(condition: Asked, op: Test['op'], { yes, no }: Ways): Test {
  const { high, maskHigh, whole, entry } = condition;
  return {
    word: 2 * condition.index + 1,
    op,
    value: high,
    mask: maskHigh,
    rank: rankOf(condition),
    whole,
    entry,
    yes,
    no,
  };
}

function lowTest(condition: Asked, rest: Branch): Test {
  const { low, maskLow, whole, entry } = condition;
  const [op, holdsBy] = LOW[condition.op];
  return {
    word: 2 * condition.index,
    op,
    value: low,
    mask: maskLow,
    rank: rankOf(condition),
    whole,
    entry,
    yes: holdsBy ? rest : undefined,
    no: holdsBy ? undefined : rest,
  };
}

/** A filter has no "less" and no "not equal": their opposites, and whether the condition holds by them. */
const LOW = {
  SCMP_CMP_EQ: ['equal', true],
  SCMP_CMP_NE: ['equal', false],
  SCMP_CMP_MASKED_EQ: ['masked', true],
  SCMP_CMP_GT: ['greater', true],
  SCMP_CMP_LE: ['greater', false],
  SCMP_CMP_GE: ['greaterEqual', true],
  SCMP_CMP_LT: ['greaterEqual', false],
} as const satisfies Record<Condition['op'], readonly [Test['op'], boolean]>;

export const LESS_RANK = 2;

/** What is compared for equality comes first, then what is less, then what is greater. */
function rankOf({ op }: Condition): number {
  if (op === 'SCMP_CMP_LT' || op === 'SCMP_CMP_LE') return LESS_RANK;
  return op === 'SCMP_CMP_GT' || op === 'SCMP_CMP_GE' ? 1 : 3;
}
