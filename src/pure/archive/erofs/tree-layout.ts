import { archiveError } from '../errors.ts';
import type { BlockOutput } from './block-output.ts';
import { DirectoryBlocks } from './directory-blocks.ts';
import {
  ABOVE,
  BLOCKS,
  type DirectoryTable,
  GID,
  INLINE,
  LINKS,
  MODE,
  MTIME_HIGH,
  MTIME_LOW,
  NANOSECONDS,
  REACHED,
  SIZE,
  START,
  UID,
} from './directory-table.ts';
import { xattrCount } from './encode-xattrs.ts';
import type { EntryTable } from './entry-table.ts';
import {
  BLOCK,
  FLAT_INLINE,
  FLAT_PLAIN,
  INODE_BYTES,
  SLOT,
  SUPER_BYTES,
  SUPER_OFFSET,
  TYPE_DIRECTORY,
} from './format.ts';
import { fitInode } from './metadata-chunks.ts';
import { SortedChildren } from './sort-children.ts';
import { writeInode } from './write-inode.ts';

/** The root's number has 16 bits on disk: its inode lies behind the superblock. */
export const ROOT_POSITION = SUPER_OFFSET + SUPER_BYTES;

const ROOT = 0;

export interface Tree {
  readonly entries: EntryTable;
  readonly directories: DirectoryTable;
  readonly output: BlockOutput;
}

/** Gives every directory that the root reaches its place at the image's end, then writes them. */
export class TreeLayout {
  readonly #tree: Tree;
  readonly #children: SortedChildren;
  readonly #blocks: DirectoryBlocks;
  readonly #queue: Uint32Array;
  readonly #record = new Uint8Array(INODE_BYTES);
  readonly #view = new DataView(this.#record.buffer);
  #reached = 1;
  /** Names below the root. */
  entries = 0;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#children = new SortedChildren(tree.entries, tree.directories.count);
    this.#blocks = new DirectoryBlocks(tree.entries, tree.directories);
    this.#queue = new Uint32Array(tree.directories.count);
  }

  get directories(): number {
    return this.#reached;
  }

  /** Breadth first: places, sizes and link counts. */
  place(): void {
    const { directories, output } = this.#tree;
    directories.mark(ROOT, REACHED);
    this.#placeRoot();
    let end = output.position;
    for (let i = 0; i < this.#reached; i++) {
      const directory = this.#queue[i] ?? 0;
      const first = this.#reached;
      this.#enqueue(directory);
      directories.set(directory, LINKS, 2 + this.#reached - first);
      for (let k = first; k < this.#reached; k++) end = this.#placeAt(this.#queue[k] ?? 0, end);
    }
    this.#placeBlocks(Math.ceil(end / BLOCK));
  }

  /** Writes all directories but the root's inode, which it gives back with its attributes. */
  write(): Uint8Array {
    const { directories, output } = this.#tree;
    for (let i = 1; i < this.#reached; i++) {
      const directory = this.#queue[i] ?? 0;
      output.zeros(directories.nid(directory) * SLOT - output.position);
      output.write(this.#inode(directory));
      output.write(directories.xattrBytes(directory));
      if (directories.has(directory, INLINE)) this.#writeTail(directory);
    }
    output.pad();
    for (let i = 0; i < this.#reached; i++) this.#writeBlocks(this.#queue[i] ?? 0);
    const xattrs = directories.xattrBytes(ROOT);
    const root = new Uint8Array(INODE_BYTES + xattrs.length);
    root.set(this.#inode(ROOT));
    root.set(xattrs, INODE_BYTES);
    return root;
  }

  #enqueue(directory: number): void {
    const { entries, directories } = this.#tree;
    const { order, from, to } = this.#children.of(directory);
    this.entries += to - from;
    for (let i = from; i < to; i++) {
      const entry = order[i] ?? 0;
      if (entries.type(entry) !== TYPE_DIRECTORY) continue;
      const child = entries.node(entry);
      directories.set(child, ABOVE, directory);
      directories.mark(child, REACHED);
      this.#queue[this.#reached++] = child;
    }
  }

  #placeRoot(): void {
    const { directories } = this.#tree;
    const head = INODE_BYTES + directories.xattrBytes(ROOT).length;
    if (ROOT_POSITION + head > BLOCK) {
      const room = BLOCK - ROOT_POSITION - INODE_BYTES;
      throw archiveError(
        'ARCHIVE_LIMIT',
        `The root has more extended attributes than the ${room} bytes of EROFS`,
      );
    }
    const { full, last } = this.#measure(ROOT);
    directories.set(ROOT, SIZE, full * BLOCK + last);
    directories.set(ROOT, BLOCKS, full + 1);
    directories.setNid(ROOT, ROOT_POSITION / SLOT);
  }

  #placeAt(directory: number, end: number): number {
    const { directories } = this.#tree;
    const head = INODE_BYTES + directories.xattrBytes(directory).length;
    const { full, last } = this.#measure(directory);
    const inline = head + last <= BLOCK;
    const at = fitInode(end, head, inline ? last : 0);
    directories.set(directory, SIZE, full * BLOCK + last);
    directories.set(directory, BLOCKS, inline ? full : full + 1);
    directories.setNid(directory, at / SLOT);
    if (inline) directories.mark(directory, INLINE);
    return at + head + (inline ? last : 0);
  }

  #measure(directory: number): { readonly full: number; readonly last: number } {
    const children = this.#children.of(directory);
    this.#children.sort(children);
    return this.#blocks.measure(children);
  }

  #placeBlocks(first: number): void {
    const { directories } = this.#tree;
    let next = first;
    for (let i = 0; i < this.#reached; i++) {
      const directory = this.#queue[i] ?? 0;
      directories.set(directory, START, next);
      next += directories.get(directory, BLOCKS);
    }
  }

  #inode(directory: number): Uint8Array {
    const { directories } = this.#tree;
    const get = (word: number): number => directories.get(directory, word);
    writeInode(this.#view, 0, {
      layout: directories.has(directory, INLINE) ? FLAT_INLINE : FLAT_PLAIN,
      xattrCount: xattrCount(directories.xattrBytes(directory).length),
      mode: get(MODE),
      size: get(SIZE),
      union: get(BLOCKS) === 0 ? 0 : get(START),
      number: directory + 1,
      uid: get(UID),
      gid: get(GID),
      seconds: get(MTIME_LOW) + (get(MTIME_HIGH) | 0) * 2 ** 32,
      nanoseconds: get(NANOSECONDS),
      links: get(LINKS),
    });
    return this.#record;
  }

  #writeTail(directory: number): void {
    const whole = this.#tree.directories.get(directory, BLOCKS);
    let n = 0;
    this.#blocks.forEachBlock(this.#children.of(directory), (block, used) => {
      if (n++ === whole) this.#tree.output.write(block.subarray(0, used));
    });
  }

  #writeBlocks(directory: number): void {
    const whole = this.#tree.directories.get(directory, BLOCKS);
    if (whole === 0) return;
    let n = 0;
    this.#blocks.forEachBlock(this.#children.of(directory), (block) => {
      if (n++ < whole) this.#tree.output.write(block);
    });
  }
}
