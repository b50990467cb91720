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
export class Assembler {
  /** struct sock_filter, include/uapi/linux/filter.h, little-endian: two words an instruction. */
  #words = new Uint32Array(FIRST_SIZE);
  /** How many instructions there are. */
  length = 0;
  /** The nearest return of each action. */
  readonly #returns = new Map<number, Target>();

  load(offset: number): Target {
    return this.#put(BPF.LD_W_ABS, offset);
  }

  and(mask: number): Target {
    return this.#put(BPF.ALU_AND_K, mask);
  }

  /** Compares the accumulator with `value`: where to go on if it holds, and if not. */
  branch(code: number, value: number, ways: readonly [Target, Target]): Target {
    if (ways[0] === ways[1]) return ways[0];
    // Reaching for the other may put one more instruction in between.
    const near = this.#reach(ways[0], REACH - 1);
    const other = this.#reach(ways[1], REACH);
    const { length } = this;
    return this.#put(code | ((length - near) << 16) | ((length - other) << 24), value);
  }

  /** The instruction that `target` stands for, to go on from what is written next. */
  place(target: Target): Target {
    return this.#reach(target, 0);
  }

  program(): Uint8Array {
    const words = this.#words;
    return new Uint8Array(words.buffer).slice(4 * (words.length - 2 * this.length));
  }

  #reach(target: Target, most: number): Target {
    const { length } = this;
    if (target >= 0) return length - target <= most ? target : this.#put(BPF.JMP_JA, length - target);
    const known = this.#returns.get(target);
    if (known !== undefined && length - known <= most) return known;
    const made = this.#put(BPF.RET_K, -1 - target);
    this.#returns.set(target, made);
    return made;
  }

  #put(head: number, value: number): Target {
    if (2 * this.length === this.#words.length) this.#grow();
    const at = this.#words.length - 2 * ++this.length;
    this.#words[at] = head;
    this.#words[at + 1] = value;
    return this.length;
  }

  #grow(): void {
    const words = new Uint32Array(2 * this.#words.length);
    words.set(this.#words, this.#words.length);
    this.#words = words;
  }
}
