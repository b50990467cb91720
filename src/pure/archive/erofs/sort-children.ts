import type { Children } from './directory-blocks.ts';
import type { EntryTable } from './entry-table.ts';

/** All entries by directory, and where each directory's lie; a directory's own are sorted when they are asked for. */
export class SortedChildren {
  readonly #entries: EntryTable;
  readonly #order: Uint32Array;
  readonly #start: Uint32Array;

  constructor(entries: EntryTable, directories: number) {
    this.#entries = entries;
    this.#order = new Uint32Array(entries.count);
    this.#start = new Uint32Array(directories + 1);
    this.#group(directories);
  }

  of(directory: number): Children {
    const from = this.#start[directory] ?? 0;
    const to = this.#start[directory + 1] ?? 0;
    return { order: this.#order, from, to, directory };
  }

  sort({ order, from, to }: Children): void {
    const entries = this.#entries;
    for (let i = from + 1; i < to; i++) {
      if (entries.compare(order[i - 1] ?? 0, order[i] ?? 0) < 0) continue;
      order.subarray(from, to).sort((a, b) => entries.compare(a, b));
      return;
    }
  }

  /** A counting sort by directory that keeps the entries of each in the order they came. */
  #group(directories: number): void {
    const { count } = this.#entries;
    const start = this.#start;
    for (let entry = 0; entry < count; entry++) add(start, this.#entries.parent(entry) + 1, 1);
    for (let i = 1; i <= directories; i++) add(start, i, start[i - 1] ?? 0);
    for (let entry = 0; entry < count; entry++) {
      const parent = this.#entries.parent(entry);
      this.#order[start[parent] ?? 0] = entry;
      add(start, parent, 1);
    }
    // Each start has moved to its directory's end, which is the next one's start.
    start.copyWithin(1, 0, directories);
    start[0] = 0;
  }
}

function add(counts: Uint32Array, index: number, value: number): void {
  counts[index] = (counts[index] ?? 0) + value;
}
