import type { ImageFile } from '../image-file.ts';
import type { BlockOutput } from './block-output.ts';
import { BLOCK, INODE_BYTES, SLOT } from './format.ts';

const SMALLEST = BLOCK;
const LARGEST = 1 << 16;

/**
 * Where an inode with `head` bytes of its own (attributes among them) and an inline tail fits at or after `at`.
 * Linux wants an inline tail within one block and a short link's in the inode's own.
 */
export function fitInode(at: number, head: number, tail: number): number {
  const slot = Math.ceil(at / SLOT) * SLOT;
  const inBlock = slot % BLOCK;
  const whole = tail === 0 ? INODE_BYTES : head + tail;
  return inBlock + whole > BLOCK ? slot - inBlock + BLOCK : slot;
}

/**
 * Chunks of inodes between the data: their places are reserved in the stream and written when they are full, so
 * an inode's number is known at once and none of them stays in memory.
 */
export class MetadataChunks {
  readonly #image: ImageFile;
  readonly #output: BlockOutput;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #base = 0;
  #fill = 0;
  #next = SMALLEST;
  readonly #word = new Uint8Array(4);

  constructor(image: ImageFile, output: BlockOutput) {
    this.#image = image;
    this.#output = output;
  }

  /** Room for an inode; the answer is its position in the image. The output may move. */
  reserve(head: number, tail: number): number {
    let at = fitInode(this.#fill, head, tail);
    if (at + head + tail > this.#bytes.length) {
      this.#open(head + tail);
      at = fitInode(0, head, tail);
    }
    this.#fill = at + head + tail;
    return this.#base + at;
  }

  /** The open chunk, which holds what was reserved last, and where it lies in the image. */
  get view(): DataView {
    return this.#view;
  }

  get base(): number {
    return this.#base;
  }

  write(bytes: Uint8Array, position: number): void {
    this.#bytes.set(bytes, position - this.#base);
  }

  /** Sets a 32-bit number in the open chunk. */
  setUint32(position: number, value: number): void {
    this.#view.setUint32(position - this.#base, value, true);
  }

  /** Adds to a 32-bit number in any chunk and gives the sum. */
  add(position: number, change: number): number {
    const at = position - this.#base;
    if (at >= 0 && at < this.#bytes.length) {
      const sum = this.#view.getUint32(at, true) + change;
      this.#view.setUint32(at, sum, true);
      return sum;
    }
    this.#image.pread(this.#word, position);
    const view = new DataView(this.#word.buffer);
    const sum = view.getUint32(0, true) + change;
    view.setUint32(0, sum, true);
    this.#image.pwrite(this.#word, position);
    return sum;
  }

  /** Reads from any chunk. */
  read(bytes: Uint8Array, position: number): void {
    const at = position - this.#base;
    if (at >= 0 && at < this.#bytes.length) bytes.set(this.#bytes.subarray(at, at + bytes.length));
    else this.#image.pread(bytes, position);
  }

  /** Writes the open chunk; its unused blocks go back if nothing lies behind it. */
  close(): void {
    if (this.#bytes.length === 0) return;
    const used = Math.ceil(this.#fill / BLOCK) * BLOCK;
    this.#image.pwrite(this.#bytes.subarray(0, used), this.#base);
    if (this.#output.position === this.#base + this.#bytes.length) this.#output.rewind(this.#base + used);
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #open(needed: number): void {
    const size = Math.max(this.#next, Math.ceil(needed / BLOCK) * BLOCK);
    const old = this.#bytes;
    this.close();
    this.#next = Math.min(LARGEST, this.#next * 2);
    this.#output.pad();
    this.#base = this.#output.position;
    this.#output.skip(size);
    this.#bytes = old.length === size ? old.fill(0) : new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
    this.#fill = 0;
  }
}
