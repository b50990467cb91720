import { archiveError } from '../errors.ts';
import { nameText } from '../name-text.ts';
import { NamePool } from './name-pool.ts';

const SEGMENT_BITS = 14;
const MASK = (1 << SEGMENT_BITS) - 1;
const WORDS = 4;
const PARENT = 0;
const NAME = 1;
const NODE = 2;
const HASH = 3;
/** Ordinary names never come near it: only names made for it collide so often, and they would take for ever. */
const LONGEST_PROBE = 1024;
const NO_SEGMENT = new Uint32Array(0);

/**
 * All names of a tree: 16 bytes, the name and a slot of a hash table each. An entry's node is the inode's number,
 * or a directory's index in the table of directories.
 */
export class EntryTable {
  readonly names = new NamePool();
  readonly #segments: Uint32Array[] = [];
  #slots = new Uint32Array(1 << 10);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The entry of a name in a directory, or -1. */
  find(parent: number, name: Uint8Array): number {
    const hash = hashOf(parent, name);
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < LONGEST_PROBE; probe++) {
      const slot = (hash + probe) & mask;
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) return -1;
      const segment = this.#segment(entry);
      const at = (entry & MASK) * WORDS;
      if (segment[at + HASH] !== hash || segment[at + PARENT] !== parent) continue;
      if (this.names.equals(segment[at + NAME] ?? 0, name)) return entry;
    }
    throw archiveError(
      'ARCHIVE_LIMIT',
      `Too many names of the archive collide, ${nameText(name)} among them`,
    );
  }

  /** Adds a name that the directory does not have yet. */
  insert(parent: number, name: Uint8Array, node: NodeRef): void {
    const entry = this.#count++;
    if ((entry & MASK) === 0) this.#segments.push(new Uint32Array(WORDS << SEGMENT_BITS));
    const segment = this.#segment(entry);
    const at = (entry & MASK) * WORDS;
    const hash = hashOf(parent, name);
    segment[at + PARENT] = parent;
    segment[at + NAME] = this.names.add(name, flagsOf(node));
    segment[at + NODE] = node.node;
    segment[at + HASH] = hash;
    if (this.#count * 4 > this.#slots.length * 3) this.#grow();
    else this.#link(entry, hash);
  }

  /** Puts another node at an entry. */
  replace(entry: number, node: NodeRef): void {
    this.names.setFlags(this.nameAt(entry), flagsOf(node));
    this.#segment(entry)[(entry & MASK) * WORDS + NODE] = node.node;
  }

  parent(entry: number): number {
    return this.#word(entry, PARENT);
  }

  /** Where the entry's name lies in the pool. */
  nameAt(entry: number): number {
    return this.#word(entry, NAME);
  }

  type(entry: number): number {
    return this.names.flags(this.nameAt(entry)) & 7;
  }

  node(entry: number): number {
    return this.#word(entry, NODE) + (this.names.flags(this.nameAt(entry)) >>> 3) * 2 ** 32;
  }

  compare(a: number, b: number): number {
    return this.names.compare(this.nameAt(a), this.nameAt(b));
  }

  /** Gives the hash table back: after it nothing is found or added. */
  freeIndex(): void {
    this.#slots = new Uint32Array(1);
  }

  #word(entry: number, word: number): number {
    return this.#segment(entry)[(entry & MASK) * WORDS + word] ?? 0;
  }

  #segment(entry: number): Uint32Array {
    return this.#segments[entry >>> SEGMENT_BITS] ?? NO_SEGMENT;
  }

  #link(entry: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let entry = 0; entry < this.#count; entry++) this.#link(entry, this.#word(entry, HASH));
  }
}

/** What an entry names: its type in the format, and an inode's number or a directory's index. */
export interface NodeRef {
  readonly type: number;
  readonly node: number;
}

function flagsOf({ type, node }: NodeRef): number {
  return type | (Math.floor(node / 2 ** 32) << 3);
}

function hashOf(parent: number, name: Uint8Array): number {
  let hash = Math.imul(parent ^ 0x9e3779b9, 0x01000193);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ (name[i] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
