import type { ImageFile } from '../image-file.ts';
import { BLOCK } from './format.ts';

const BUFFER = 1 << 20;
const SMALLEST = 1 << 16;
/** From so many bytes on a write of their own is cheaper than a copy. */
const DIRECT = 1 << 15;

/** Appends to an image in large writes and leaves holes where somebody else writes, or nobody. */
export class BlockOutput {
  readonly #image: ImageFile;
  #buffer = new Uint8Array(SMALLEST);
  #fill = 0;
  #start: number;

  constructor(image: ImageFile, position: number) {
    this.#image = image;
    this.#start = position;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#start + this.#fill;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length >= DIRECT) {
      this.flush();
      this.#image.pwrite(bytes, this.#start);
      this.#start += bytes.length;
      return;
    }
    if (this.#fill + bytes.length > this.#buffer.length) this.#room(bytes.length);
    this.#buffer.set(bytes, this.#fill);
    this.#fill += bytes.length;
  }

  /** Zeros up to the next block. */
  pad(): void {
    const over = this.position % BLOCK;
    if (over !== 0) this.zeros(BLOCK - over);
  }

  /** Fewer zeros than a buffer holds. */
  zeros(length: number): void {
    if (this.#fill + length > this.#buffer.length) this.#room(length);
    this.#buffer.fill(0, this.#fill, this.#fill + length);
    this.#fill += length;
  }

  skip(length: number): void {
    this.flush();
    this.#start += length;
  }

  /** Takes back what was skipped last. */
  rewind(position: number): void {
    this.flush();
    this.#start = position;
  }

  /** Flushes and gives the buffer up. */
  rest(): void {
    this.flush();
    this.#buffer = new Uint8Array(SMALLEST);
  }

  flush(): void {
    if (this.#fill === 0) return;
    this.#image.pwrite(this.#buffer.subarray(0, this.#fill), this.#start);
    this.#start += this.#fill;
    this.#fill = 0;
  }

  #room(length: number): void {
    this.flush();
    if (this.#buffer.length < BUFFER)
      this.#buffer = new Uint8Array(Math.max(this.#buffer.length * 4, length));
  }
}
