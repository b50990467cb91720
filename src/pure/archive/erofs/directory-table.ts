import { archiveError } from '../errors.ts';
import { encodeXattrs } from './encode-xattrs.ts';

const SEGMENT_BITS = 12;
const MASK = (1 << SEGMENT_BITS) - 1;
const WORDS = 16;
const NO_SEGMENT = new Uint32Array(0);
const NONE = new Uint8Array(0);

/** Words of a directory's record. */
export const MODE = 0;
export const UID = 1;
export const GID = 2;
export const MTIME_LOW = 3;
export const MTIME_HIGH = 4;
export const NANOSECONDS = 5;
const FLAGS = 6;
/** The index of the set of attributes, 0 for none. */
const XATTRS = 7;
export const SIZE = 8;
/** Whole blocks of entries; those of an inline tail are not counted. */
export const BLOCKS = 9;
const NID_LOW = 10;
const NID_HIGH = 11;
export const LINKS = 12;
/** The index of the directory above. */
export const ABOVE = 13;
/** The first of the whole blocks. */
export const START = 14;

export const OPAQUE = 1;
/** A directory that no entry of the archive told of yet. */
export const IMPLIED = 2;
export const REACHED = 4;
export const INLINE = 8;
/** Holds whiteouts, so overlayfs must merge it even where no other layer has it. */
export const HAS_WHITEOUTS = 16;

/** What an inode says besides its content. */
export interface Meta {
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

interface XattrSet {
  readonly map: ReadonlyMap<string, Uint8Array>;
  readonly bytes: Uint8Array;
}

/** Directories with 64 bytes each; equal attributes are kept once. */
export class DirectoryTable {
  readonly #segments: Uint32Array[] = [];
  readonly #sets: XattrSet[] = [];
  readonly #setIndex = new Map<string, number>();
  readonly #maxXattrBytes: number;
  #xattrBytes = 0;
  #count = 0;

  constructor(maxXattrBytes: number) {
    this.#maxXattrBytes = maxXattrBytes;
  }

  get count(): number {
    return this.#count;
  }

  add(meta: Meta, flags: number): number {
    const directory = this.#count++;
    if ((directory & MASK) === 0) this.#segments.push(new Uint32Array(WORDS << SEGMENT_BITS));
    this.set(directory, FLAGS, flags);
    this.describe(directory, meta);
    return directory;
  }

  /** Gives a directory its mode, owner, time and attributes. */
  describe(directory: number, meta: Meta): void {
    const seconds = meta.mtime.seconds;
    this.set(directory, MODE, meta.mode);
    this.set(directory, UID, meta.uid);
    this.set(directory, GID, meta.gid);
    this.set(directory, MTIME_LOW, seconds);
    this.set(directory, MTIME_HIGH, Math.floor(seconds / 2 ** 32));
    this.set(directory, NANOSECONDS, meta.mtime.nanoseconds);
    this.#setXattrs(directory, meta.xattrs);
  }

  get(directory: number, word: number): number {
    return this.#segment(directory)[(directory & MASK) * WORDS + word] ?? 0;
  }

  set(directory: number, word: number, value: number): void {
    this.#segment(directory)[(directory & MASK) * WORDS + word] = value;
  }

  mark(directory: number, flag: number): void {
    this.set(directory, FLAGS, this.get(directory, FLAGS) | flag);
  }

  unmark(directory: number, flag: number): void {
    this.set(directory, FLAGS, this.get(directory, FLAGS) & ~flag);
  }

  has(directory: number, flag: number): boolean {
    return (this.get(directory, FLAGS) & flag) !== 0;
  }

  nid(directory: number): number {
    return this.get(directory, NID_LOW) + this.get(directory, NID_HIGH) * 2 ** 32;
  }

  setNid(directory: number, nid: number): void {
    this.set(directory, NID_LOW, nid);
    this.set(directory, NID_HIGH, Math.floor(nid / 2 ** 32));
  }

  /** The directory's attributes as they lie on disk. */
  xattrBytes(directory: number): Uint8Array {
    return this.#sets[this.get(directory, XATTRS) - 1]?.bytes ?? NONE;
  }

  addXattr(directory: number, name: string, value: Uint8Array): void {
    const before = this.#sets[this.get(directory, XATTRS) - 1]?.map ?? new Map<string, Uint8Array>();
    this.#setXattrs(directory, new Map([...before, [name, value]]));
  }

  #setXattrs(directory: number, map: ReadonlyMap<string, Uint8Array>): void {
    this.set(directory, XATTRS, map.size === 0 ? 0 : this.#setOf(map));
  }

  #setOf(map: ReadonlyMap<string, Uint8Array>): number {
    const bytes = encodeXattrs(map);
    const key = bytes.toHex();
    const known = this.#setIndex.get(key);
    if (known !== undefined) return known;
    // The bytes themselves, the same in the map, and the key with two characters a byte.
    this.#xattrBytes += bytes.length;
    if (this.#xattrBytes > this.#maxXattrBytes) {
      const limit = `more than ${this.#maxXattrBytes} bytes of distinct extended attributes`;
      throw archiveError('ARCHIVE_LIMIT', `The directories have ${limit}`);
    }
    this.#sets.push({ map, bytes });
    this.#setIndex.set(key, this.#sets.length);
    return this.#sets.length;
  }

  #segment(directory: number): Uint32Array {
    return this.#segments[directory >>> SEGMENT_BITS] ?? NO_SEGMENT;
  }
}
