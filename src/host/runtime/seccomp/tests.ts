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
  for (const condition of rule.conditions) if (!alwaysHolds(condition, width)) return false;
  return true;
}

/** The first of a conditional rule's comparisons, with what follows from it. */
export function testOf({ conditions, action, entry }: Rule, width: Width): Test {
  let made: Test | undefined;
  for (let at = conditions.length - 1; at >= 0; at--) {
    const condition = conditions[at];
    if (condition === undefined || alwaysHolds(condition, width)) continue;
    const rest = made === undefined ? action : [made];
    made = width === 64 ? wideTest(condition, rest, entry) : lowTest(condition, rest, entry);
  }
  invariant(made !== undefined, 'a rule without conditions has no test');
  return made;
}

function alwaysHolds({ maskHigh, maskLow }: Condition, width: Width): boolean {
  return maskLow === 0 && (width === 32 || maskHigh === 0);
}

function wideTest(condition: Condition, rest: Branch, entry: number): Test {
  const low: Level = [lowTest(condition, rest, entry)];
  switch (condition.op) {
    case 'SCMP_CMP_EQ':
      return highTest(condition, 'equal', { yes: low, no: undefined, entry });
    case 'SCMP_CMP_MASKED_EQ':
      return highTest(condition, 'masked', { yes: low, no: undefined, entry });
    case 'SCMP_CMP_NE':
      return highTest(condition, 'equal', { yes: low, no: rest, entry });
    case 'SCMP_CMP_GT':
    case 'SCMP_CMP_GE': {
      const equal = highTest(condition, 'equal', { yes: low, no: undefined, entry });
      return highTest(condition, 'greater', { yes: rest, no: [equal], entry });
    }
    case 'SCMP_CMP_LT':
    case 'SCMP_CMP_LE': {
      const equal = highTest(condition, 'equal', { yes: low, no: rest, entry });
      return highTest(condition, 'greater', { yes: undefined, no: [equal], entry });
    }
  }
}

interface Ways {
  readonly yes: Branch;
  readonly no: Branch;
  readonly entry: number;
}

function highTest(condition: Condition, op: Test['op'], { yes, no, entry }: Ways): Test {
  const { high, maskHigh, whole } = condition;
  const word = 2 * condition.index + 1;
  return { word, op, value: high, mask: maskHigh, rank: rankOf(condition), whole, entry, yes, no };
}

function lowTest(condition: Condition, rest: Branch, entry: number): Test {
  const { low, maskLow, whole } = condition;
  const { op, holdsBy } = LOW[condition.op];
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
  SCMP_CMP_EQ: { op: 'equal', holdsBy: true },
  SCMP_CMP_NE: { op: 'equal', holdsBy: false },
  SCMP_CMP_MASKED_EQ: { op: 'masked', holdsBy: true },
  SCMP_CMP_GT: { op: 'greater', holdsBy: true },
  SCMP_CMP_LE: { op: 'greater', holdsBy: false },
  SCMP_CMP_GE: { op: 'greaterEqual', holdsBy: true },
  SCMP_CMP_LT: { op: 'greaterEqual', holdsBy: false },
} as const satisfies Record<Condition['op'], { readonly op: Test['op']; readonly holdsBy: boolean }>;

export const LESS_RANK = 2;

/** What is compared for equality comes first, then what is less, then what is greater. */
function rankOf({ op }: Condition): number {
  if (op === 'SCMP_CMP_LT' || op === 'SCMP_CMP_LE') return LESS_RANK;
  return op === 'SCMP_CMP_GT' || op === 'SCMP_CMP_GE' ? 1 : 3;
}
