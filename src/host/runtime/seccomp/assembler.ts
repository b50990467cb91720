/** include/uapi/linux/bpf_common.h: the instructions that a filter needs. */
export const BPF = {
  LD_W_ABS: 0x20,
  ALU_AND_K: 0x54,
  JMP_JA: 0x05,
  JMP_JEQ_K: 0x15,
  JMP_JGT_K: 0x25,
  JMP_JGE_K: 0x35,
  RET_K: 0x06,
} as const;

/** A place in the program counted from its end, which is written first; below 0 an action (`toAction`). */
export type Target = number;

/** A conditional jump's distance has 8 bits. */
const REACH = 255;

/** Enough for what engines give by default. */
const FIRST_SIZE = 2 * 1024;

export function toAction(action: number): Target {
  return -1 - action;
}

/** include/uapi/linux/bpf_common.h: BPF_MAXINSNS. */
export const MOST_INSTRUCTIONS = 4096;

/** Writes a program from its last instruction to its first, because filters jump forwards only. */
export interface Assembler {
  /** How many instructions there are. */
  readonly count: () => number;
  readonly load: (offset: number) => Target;
  readonly and: (mask: number) => Target;
  /** Compares the accumulator with `value`: where to go on if it holds, and if not. */
  readonly branch: (code: number, value: number, ways: readonly [Target, Target]) => Target;
  /** The instruction that `target` stands for, to go on from what is written next. */
  readonly place: (target: Target) => Target;
  /** struct sock_filter, include/uapi/linux/filter.h, little-endian: two words an instruction. */
  readonly program: () => Uint8Array;
}

/** Of functions over variables, which QuickJS finds sooner than an object's fields: each container pays for it. */
export function createAssembler(): Assembler {
  let words = new Uint32Array(FIRST_SIZE);
  /** Where in `words` the program begins. */
  let at = FIRST_SIZE;
  let count = 0;
  /** The nearest return of each action. */
  const returns = new Map<number, Target>();

  const put = (head: number, value: number): Target => {
    if (at === 0) [words, at] = grown(words);
    words[--at] = value;
    words[--at] = head;
    return ++count;
  };
  const reach = (target: Target, most: number): Target => {
    if (target >= 0) return count - target <= most ? target : put(BPF.JMP_JA, count - target);
    const known = returns.get(target);
    if (known !== undefined && count - known <= most) return known;
    const made = put(BPF.RET_K, -1 - target);
    returns.set(target, made);
    return made;
  };
  const branch = (code: number, value: number, ways: readonly [Target, Target]): Target => {
    const yes = ways[0];
    const no = ways[1];
    if (yes === no) return yes;
    // Reaching for the other may put one more instruction in between.
    const near = reach(yes, REACH - 1);
    const other = reach(no, REACH);
    return put(code | ((count - near) << 16) | ((count - other) << 24), value);
  };
  return {
    count: () => count,
    load: (offset) => put(BPF.LD_W_ABS, offset),
    and: (mask) => put(BPF.ALU_AND_K, mask),
    branch,
    place: (target) => reach(target, 0),
    program: () => new Uint8Array(words.buffer).slice(4 * at),
  };
}

/** Twice the size, with what there is at the end, and where that begins. */
function grown(words: Uint32Array<ArrayBuffer>): [Uint32Array<ArrayBuffer>, number] {
  const { length } = words;
  const larger = new Uint32Array(2 * length);
  larger.set(words, length);
  return [larger, length];
}
