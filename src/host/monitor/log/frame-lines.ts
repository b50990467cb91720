const NEWLINE = 10;

/** One stretch of bytes that a container wrote. */
export interface Stretch {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Gives the stretch to `write` line by line with `full` before each, and `partial` before a last piece without a
 * newline, which gets one: the CRI's text format. `room` is working space, larger than a line with its prefix may
 * be, and handed to `write` whenever it is full.
 */
export function frameLines(stretch: Stretch, prefixes: Prefixes, room: Room): void {
  const { buffer, end } = stretch;
  let at = stretch.start;
  while (at < end) {
    const newline = indexOf(buffer, NEWLINE, at, end);
    const next = newline < 0 ? end : newline + 1;
    const prefix = newline < 0 ? prefixes.partial : prefixes.full;
    room.ensure(prefix.length + next - at + 1);
    room.append(prefix, 0, prefix.length);
    room.append(buffer, at, next);
    if (newline < 0) room.append(LINE_END, 0, 1);
    at = next;
  }
  room.flush();
}

const LINE_END = new Uint8Array([NEWLINE]);

export interface Prefixes {
  readonly full: Uint8Array;
  readonly partial: Uint8Array;
}

/** A buffer in front of `write`. */
export class Room {
  readonly #buffer: Uint8Array;
  readonly #write: (content: Uint8Array) => void;
  #length = 0;

  constructor(size: number, write: (content: Uint8Array) => void) {
    this.#buffer = new Uint8Array(size);
    this.#write = write;
  }

  ensure(count: number): void {
    if (this.#length + count > this.#buffer.length) this.flush();
  }

  append(from: Uint8Array, start: number, end: number): void {
    this.#length = copy(this.#buffer, this.#length, from, start, end);
  }

  flush(): void {
    if (this.#length > 0) this.#write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }
}
