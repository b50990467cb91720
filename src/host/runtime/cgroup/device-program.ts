import type { DeviceRule } from '../../../pure/spec/runtime.ts';

// The classic decision of cgroup v1's device controller as a program for the kernel's BPF machine.
// include/uapi/linux/bpf.h: struct bpf_insn, struct bpf_cgroup_dev_ctx; Documentation/bpf/standardization/instruction-set.rst

const OP = {
  LOAD_WORD: 0x61,
  MOVE: 0xbf,
  SET: 0xb7,
  AND: 0x57,
  SHIFT_RIGHT: 0x77,
  IF_NOT: 0x55,
  IF: 0x15,
  EXIT: 0x95,
};

/** Registers: the result, the context, then what the program holds in each. */
const R = { RESULT: 0, CONTEXT: 1, TYPE: 2, WANTED: 3, MAJOR: 4, MINOR: 5, ASKED: 6 };

const ACCESS = { m: 1, r: 2, w: 4 };
const ALL = 7;
const TYPES = { b: 1, c: 2 } as const;

interface Instruction {
  readonly op: number;
  readonly to: number;
  readonly from?: number;
  /** How many instructions a jump leaves out; of a load, the place in the context. */
  readonly offset?: number;
  readonly value?: number;
}

/**
 * A program of type BPF_PROG_TYPE_CGROUP_DEVICE. Each rule goes before those that precede it, for each of reading,
 * writing and making by itself: what is allowed by one rule and what by another are allowed together. What no rule
 * names is denied.
 */
export function deviceProgram(rules: readonly DeviceRule[]): Uint8Array {
  const instructions: Instruction[] = [
    { op: OP.LOAD_WORD, to: R.TYPE, from: R.CONTEXT, offset: 0 },
    { op: OP.MOVE, to: R.WANTED, from: R.TYPE },
    { op: OP.SHIFT_RIGHT, to: R.WANTED, value: 16 },
    { op: OP.AND, to: R.TYPE, value: 0xffff },
    { op: OP.LOAD_WORD, to: R.MAJOR, from: R.CONTEXT, offset: 4 },
    { op: OP.LOAD_WORD, to: R.MINOR, from: R.CONTEXT, offset: 8 },
  ];
  for (const rule of rules.toReversed()) {
    const tests = testsOf(rule);
    const outcome = outcomeOf(rule);
    const rest = [...tests.keys()].map((index) => tests.length - 1 - index + outcome.length);
    instructions.push(...tests.map((test, index) => ({ ...test, offset: rest[index] ?? 0 })), ...outcome);
    // The verifier refuses what can't be reached.
    if (tests.length === 0 && accessOf(rule) === ALL) return encode(instructions);
  }
  return encode([...instructions, ...decide(false)]);
}

/** Each leaves the rule out if it does not hold. */
function testsOf({ type, major, minor }: DeviceRule): readonly Instruction[] {
  const tests: Instruction[] = [];
  if (type !== 'a') tests.push({ op: OP.IF_NOT, to: R.TYPE, value: TYPES[type] });
  if (major !== undefined) tests.push({ op: OP.IF_NOT, to: R.MAJOR, value: major });
  if (minor !== undefined) tests.push({ op: OP.IF_NOT, to: R.MINOR, value: minor });
  return tests;
}

/** Of a rule that names the device. */
function outcomeOf(rule: DeviceRule): readonly Instruction[] {
  const access = accessOf(rule);
  const end = decide(rule.allow);
  if (access === ALL) return end;
  if (rule.allow) {
    return [
      { op: OP.AND, to: R.WANTED, value: ALL & ~access },
      { op: OP.IF_NOT, to: R.WANTED, value: 0, offset: end.length },
      ...end,
    ];
  }
  return [
    { op: OP.MOVE, to: R.ASKED, from: R.WANTED },
    { op: OP.AND, to: R.ASKED, value: access },
    { op: OP.IF, to: R.ASKED, value: 0, offset: end.length },
    ...end,
  ];
}

function accessOf({ access }: DeviceRule): number {
  return Object.entries(ACCESS).reduce(
    (bits, [letter, bit]) => (access.includes(letter) ? bits | bit : bits),
    0,
  );
}

function decide(isAllowed: boolean): readonly Instruction[] {
  return [
    { op: OP.SET, to: R.RESULT, value: isAllowed ? 1 : 0 },
    { op: OP.EXIT, to: 0 },
  ];
}

const SIZE = 8;

function encode(instructions: readonly Instruction[]): Uint8Array {
  const words = new Uint32Array(instructions.length * 2);
  instructions.forEach(({ op, to, from = 0, offset = 0, value = 0 }, index) => {
    words[index * 2] = op | (to << 8) | (from << 12) | (offset << 16);
    words[index * 2 + 1] = value;
  });
  return new Uint8Array(words.buffer, 0, instructions.length * SIZE);
}
