import type { DirectoryTable } from './directory-table.ts';
import { ABOVE } from './directory-table.ts';
import type { EntryTable } from './entry-table.ts';
import { BLOCK, DIRENT_BYTES, TYPE_DIRECTORY } from './format.ts';

const DOT = 0x2e;
/** Stand for "." and ".." among the numbers of entries. */
const SELF = -1;
const UP = -2;

/** The entries of one directory, sorted: a range of `order`. */
export interface Children {
  readonly order: Uint32Array;
  readonly from: number;
  readonly to: number;
  readonly directory: number;
}

/** Lays the sorted names of a directory into blocks, "." and ".." among them in byte order. */
export class DirectoryBlocks {
  readonly #entries: EntryTable;
  readonly #directories: DirectoryTable;
  readonly #page = new Uint8Array(BLOCK);
  readonly #view = new DataView(this.#page.buffer);
  readonly #pending: number[] = [];

  constructor(entries: EntryTable, directories: DirectoryTable) {
    this.#entries = entries;
    this.#directories = directories;
  }

  /** How many full blocks there are and how many bytes the last one uses. */
  measure(children: Children): { readonly full: number; readonly last: number } {
    let full = 0;
    let used = 0;
    this.#forEach(children, (entry) => {
      const need = DIRENT_BYTES + this.#nameLength(entry);
      if (used + need > BLOCK) {
        full++;
        used = 0;
      }
      used += need;
    });
    return { full, last: used };
  }

  /** Calls back with each block in turn, its unused rest zero; `used` tells how much of it counts. */
  forEachBlock(children: Children, emit: (block: Uint8Array, used: number) => void): void {
    let used = 0;
    const flush = (): void => {
      this.#fill(children.directory);
      emit(this.#page, used);
      this.#pending.length = 0;
      used = 0;
    };
    this.#forEach(children, (entry) => {
      const need = DIRENT_BYTES + this.#nameLength(entry);
      if (used + need > BLOCK) flush();
      used += need;
      this.#pending.push(entry);
    });
    flush();
  }

  #forEach({ order, from, to }: Children, visit: (entry: number) => void): void {
    let dots = 0;
    for (let i = from; i < to; i++) {
      const entry = order[i] ?? 0;
      if (dots < 2) {
        const before = this.#entries.names.dotsBefore(this.#entries.nameAt(entry));
        for (; dots < before; dots++) visit(dots === 0 ? SELF : UP);
      }
      visit(entry);
    }
    for (; dots < 2; dots++) visit(dots === 0 ? SELF : UP);
  }

  #nameLength(entry: number): number {
    return entry < 0 ? -entry : this.#entries.names.length(this.#entries.nameAt(entry));
  }

  #fill(directory: number): void {
    const view = this.#view;
    this.#page.fill(0);
    let name = this.#pending.length * DIRENT_BYTES;
    let at = 0;
    for (const entry of this.#pending) {
      const nid = this.#nid(directory, entry);
      view.setUint32(at, nid % 2 ** 32, true);
      view.setUint32(at + 4, Math.floor(nid / 2 ** 32), true);
      view.setUint16(at + 8, name, true);
      view.setUint8(at + 10, entry < 0 ? TYPE_DIRECTORY : this.#entries.type(entry));
      if (entry < 0) this.#page.fill(DOT, name, name - entry);
      else this.#page.set(this.#entries.names.name(this.#entries.nameAt(entry)), name);
      name += this.#nameLength(entry);
      at += DIRENT_BYTES;
    }
  }

  #nid(directory: number, entry: number): number {
    if (entry === SELF) return this.#directories.nid(directory);
    if (entry === UP) return this.#directories.nid(this.#directories.get(directory, ABOVE));
    const node = this.#entries.node(entry);
    return this.#entries.type(entry) === TYPE_DIRECTORY ? this.#directories.nid(node) : node;
  }
}
