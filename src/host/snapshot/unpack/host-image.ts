import type { ImageFile } from '../../../pure/archive/image-file.ts';
import { attempt, retry } from '../../kernel/call.ts';
import { ERRNO } from '../../kernel/errno.ts';

const SEEK_DATA = 3;

/** An open EROFS file as the reader wants it. */
export class HostImage implements ImageFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  pwrite(content: Uint8Array, position: number): void {
    for (let at = 0; at < content.length;) {
      at += retry('pwrite64', this.#fd, content.subarray(at), content.length - at, position + at);
    }
  }

  pread(content: Uint8Array, position: number): number {
    let at = 0;
    while (at < content.length) {
      const rest = at === 0 ? content : content.subarray(at);
      const count = retry('pread64', this.#fd, rest, rest.length, position + at);
      if (count === 0) break;
      at += count;
    }
    return at;
  }

  /** Where the next bytes that are no hole begin, from a position on. */
  nextData(position: number): number {
    const result = attempt('lseek', this.#fd, position, SEEK_DATA);
    if (result === -ERRNO.ENXIO) return Infinity;
    return result < 0 ? position : result;
  }
}
