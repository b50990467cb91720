import type { LogLine } from './parse-log.ts';

/** Pieces that are kept before any is thrown away. */
const SLACK = 1024;

/** The last so many lines of a log that is read to its end; the pieces of one, whatever came between, count as one. */
export class LastLines {
  readonly #limit: number;
  #pieces: readonly LogLine[] = [];
  #added: LogLine[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(piece: LogLine): void {
    this.#added.push(piece);
    // Not at every piece: shortening costs as much as there is.
    if (this.#added.length > this.#pieces.length + SLACK) this.#shorten();
  }

  /** In the order in which they were added. */
  lines(): readonly LogLine[] {
    this.#shorten();
    return this.#pieces;
  }

  #shorten(): void {
    const isWanted = new Map<LogLine['stream'], boolean>();
    let count = 0;
    const kept: LogLine[] = [];
    for (const piece of [...this.#pieces, ...this.#added].reverse()) {
      // From the end it is the first piece of a line.
      if (piece.isWhole || !isWanted.has(piece.stream)) isWanted.set(piece.stream, count++ < this.#limit);
      if (isWanted.get(piece.stream) === true) kept.push(piece);
    }
    this.#pieces = kept.reverse();
    this.#added = [];
  }
}
