import type { ImageFile } from '../image-file.ts';

/** An image in memory. */
export class MemoryImage implements ImageFile {
  #bytes = new Uint8Array(1 << 16);
  #size = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  pwrite(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
  }

  pread(bytes: Uint8Array, position: number): number {
    const there = this.bytes.subarray(position, position + bytes.length);
    bytes.set(there);
    return there.length;
  }
}
