import type { SeccompArg, SeccompOperator } from '../../../pure/spec/seccomp.ts';

/** One argument's condition; `value` and `mask` in halves, because a filter's accumulator has 32 bits. */
export interface Condition {
  readonly index: number;
  readonly op: SeccompOperator;
  readonly high: number;
  readonly low: number;
  readonly maskHigh: number;
  readonly maskLow: number;
  /** The whole value, by which conditions on one argument are ordered. */
  readonly whole: bigint;
}

/** All conditions hold: the action. No two of them are about one argument; ordered by argument. */
export interface Rule {
  readonly action: number;
  readonly conditions: readonly Condition[];
  /** Which entry of linux.seccomp.syscalls it is of. */
  readonly entry: number;
}

const ALL = 0xffffffff;

/**
 * The rules that one entry's arguments stand for. Where an argument is named twice, every condition is a rule of
 * its own, so that they are alternatives: what runc and crun do for the sake of old profiles.
 */
export function rulesOf(args: readonly SeccompArg[], action: number, entry: number): readonly Rule[] {
  const conditions = args.map(conditionOf);
  const isTwice = conditions.some(
    ({ index }, at) => conditions.findIndex((one) => one.index === index) !== at,
  );
  if (isTwice) return conditions.map((condition) => ({ action, conditions: [condition], entry }));
  return [{ action, conditions: conditions.sort((a, b) => a.index - b.index), entry }];
}

export function equals(index: number, value: number): Condition {
  return conditionOf({ index, value: BigInt(value), valueTwo: 0n, op: 'SCMP_CMP_EQ' });
}

function conditionOf({ index, value, valueTwo, op }: SeccompArg): Condition {
  const isMasked = op === 'SCMP_CMP_MASKED_EQ';
  const whole = isMasked ? valueTwo : value;
  const maskHigh = isMasked ? highHalf(value) : ALL;
  const maskLow = isMasked ? lowHalf(value) : ALL;
  return {
    index,
    op,
    high: (highHalf(whole) & maskHigh) >>> 0,
    low: (lowHalf(whole) & maskLow) >>> 0,
    maskHigh,
    maskLow,
    whole,
  };
}

function highHalf(value: bigint): number {
  return Number(value >> 32n);
}

function lowHalf(value: bigint): number {
  return Number(value & 0xffffffffn);
}
