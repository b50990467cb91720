import { readSync, writeSync } from 'node:fs';
import type { ImageFile } from '../../../pure/archive/image-file.ts';
import type { Digest } from '../../../pure/base/digest.ts';
import { invariant } from '../../../pure/base/errors.ts';
import { DigestStream } from '../archive/digest-stream.ts';

const READ_SIZE = 1 << 20;

/** An open file as the EROFS writer and reader want one; who opened the descriptor closes it. */
export class DescriptorFile implements ImageFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  pwrite(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#fd, bytes, at, bytes.length - at, position + at);
    }
  }

  pread(bytes: Uint8Array, position: number): number {
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(this.#fd, bytes, at, bytes.length - at, position + at);
      if (count === 0) break;
      at += count;
    }
    return at;
  }

  /** The digest of the whole file, which has `size` bytes. */
  digest(size: number): Digest {
    const sum = new DigestStream();
    const buffer = new Uint8Array(READ_SIZE);
    for (let count = this.pread(buffer, 0); count > 0; count = this.pread(buffer, sum.size)) {
      sum.update(buffer.subarray(0, count));
    }
    invariant(sum.size === size, `an image of ${size} bytes has ${sum.size} on the disk`);
    return sum.digest();
  }
}
