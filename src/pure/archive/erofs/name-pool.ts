import { TYPE_DIRECTORY } from './format.ts';

const SEGMENT_BITS = 20;
const SEGMENT = 1 << SEGMENT_BITS;
const MASK = SEGMENT - 1;
const DOT = 0x2e;

/** Names of directory entries, each behind a byte of flags (the type and a node's upper bits) and its length. */
export class NamePool {
  readonly #segments: Uint8Array[] = [];
  #end = 0;

  add(name: Uint8Array, flags: number): number {
    if ((this.#end & MASK) + name.length + 2 > SEGMENT || this.#end === this.#segments.length * SEGMENT) {
      this.#end = this.#segments.length * SEGMENT;
      this.#segments.push(new Uint8Array(SEGMENT));
    }
    const at = this.#end;
    const segment = this.#segment(at);
    const offset = at & MASK;
    segment[offset] = flags;
    segment[offset + 1] = name.length;
    segment.set(name, offset + 2);
    this.#end += name.length + 2;
    return at;
  }

  flags(at: number): number {
    return this.#segment(at)[at & MASK] ?? 0;
  }

  setFlags(at: number, flags: number): void {
    this.#segment(at)[at & MASK] = flags;
  }

  /** The name itself, not a copy. */
  name(at: number): Uint8Array {
    const offset = (at & MASK) + 2;
    return this.#segment(at).subarray(offset, offset + this.length(at));
  }

  length(at: number): number {
    return this.#segment(at)[(at & MASK) + 1] ?? 0;
  }

  isDirectory(at: number): boolean {
    return (this.flags(at) & 7) === TYPE_DIRECTORY;
  }

  equals(at: number, name: Uint8Array): boolean {
    const segment = this.#segment(at);
    const offset = (at & MASK) + 2;
    if (segment[offset - 1] !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (segment[offset + i] !== name[i]) return false;
    return true;
  }

  /** Below 0 if the first name comes first in byte order. */
  compare(a: number, b: number): number {
    const left = this.#segment(a);
    const right = this.#segment(b);
    const from = (a & MASK) + 2;
    const shift = (b & MASK) + 2 - from;
    const leftLength = left[from - 1] ?? 0;
    const rightLength = right[from - 1 + shift] ?? 0;
    const end = from + Math.min(leftLength, rightLength);
    for (let i = from; i < end; i++) {
      const difference = (left[i] ?? 0) - (right[i + shift] ?? 0);
      if (difference !== 0) return difference;
    }
    return leftLength - rightLength;
  }

  /** How many of "." (1) and ".." (2) come before the name in byte order. */
  dotsBefore(at: number): number {
    const segment = this.#segment(at);
    const offset = (at & MASK) + 2;
    const first = segment[offset] ?? 0;
    if (first !== DOT) return first > DOT ? 2 : 0;
    return (segment[offset - 1] ?? 0) > 1 && (segment[offset + 1] ?? 0) >= DOT ? 2 : 1;
  }

  #segment(at: number): Uint8Array {
    return this.#segments[Math.floor(at / SEGMENT)] ?? NO_SEGMENT;
  }
}

const NO_SEGMENT = new Uint8Array(0);
