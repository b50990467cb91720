import { writeAll } from '../../kernel/files.ts';

const SIZE = 1 << 18;

/** Gathers the small pieces that an archive is made of into large writes. */
export class BufferedOutput {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(SIZE);
  #length = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(piece: Uint8Array): void {
    if (piece.length > SIZE - this.#length) this.flush();
    if (piece.length > SIZE) return writeAll(this.#fd, piece);
    this.#buffer.set(piece, this.#length);
    this.#length += piece.length;
  }

  flush(): void {
    if (this.#length > 0) writeAll(this.#fd, this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }
}
