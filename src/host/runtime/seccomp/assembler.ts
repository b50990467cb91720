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

export function toAction(action: number): Target {
  return -1 - action;
}

/** Writes a program from its last instruction to its first, because filters jump forwards only. */
export class Assembler {
  readonly #heads: number[] = [];
  readonly #values: number[] = [];
  /** The nearest return of each action. */
  readonly #returns = new Map<number, Target>();

  get length(): number {
    return this.#heads.length;
  }

  load(offset: number): Target {
    return this.#put(BPF.LD_W_ABS, offset);
  }

  and(mask: number): Target {
    return this.#put(BPF.ALU_AND_K, mask);
  }

  /** Compares the accumulator with `value`. */
  branch(code: number, value: number, [yes, no]: readonly [Target, Target]): Target {
    if (yes === no) return yes;
    // Reaching for `no` may put one more instruction in between.
    const near = this.#reach(yes, REACH - 1);
    const other = this.#reach(no, REACH);
    const distances = ((this.length - near) << 16) | ((this.length - other) << 24);
    return this.#put((code | distances) >>> 0, value);
  }

  /** The instruction that `target` stands for, to go on from what is written next. */
  place(target: Target): Target {
    return this.#reach(target, 0);
  }

  /** struct sock_filter, include/uapi/linux/filter.h, little-endian. */
  program(): Uint8Array {
    const count = this.length;
    const words = new Uint32Array(2 * count);
    for (let at = 0; at < count; at++) {
      const to = 2 * (count - 1 - at);
      words[to] = this.#heads[at] ?? 0;
      words[to + 1] = this.#values[at] ?? 0;
    }
    return new Uint8Array(words.buffer);
  }

  #reach(target: Target, most: number): Target {
    if (target >= 0) {
      if (this.length - target <= most) return target;
      return this.#put(BPF.JMP_JA, this.length - target);
    }
    const known = this.#returns.get(target);
    if (known !== undefined && this.length - known <= most) return known;
    const made = this.#put(BPF.RET_K, -1 - target);
    this.#returns.set(target, made);
    return made;
  }

  #put(head: number, value: number): Target {
    this.#heads.push(head);
    this.#values.push(value);
    return this.length;
  }
}
