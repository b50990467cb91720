import { latin1ToBytes } from '../base/bytes.ts';
import { archiveError } from './errors.ts';
import {
  BLOCK,
  BLOCK_BITS,
  decodeDevice,
  EXTENDED,
  FLAT_INLINE,
  FLAT_PLAIN,
  INODE,
  INODE_BYTES,
  MAGIC,
  SLOT,
  SUPER,
  SUPER_BYTES,
  SUPER_OFFSET,
  SYMLINK_MAX,
  TYPE_BLOCK,
  TYPE_CHARACTER,
  TYPE_DIRECTORY,
  TYPE_SYMLINK,
  typeOfMode,
} from './erofs/format.ts';
import { compareNames, type Dirent, readDirectoryBlock } from './erofs/read-directory.ts';
import { readXattrs } from './erofs/read-xattrs.ts';
import type { ImageFile } from './image-file.ts';

/** An inode of an image. */
export interface ErofsInode {
  readonly nid: number;
  /** Type (S_IFMT) and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the content. */
  readonly size: number;
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
  readonly links: number;
  /** Of a device; 0:0 for others. */
  readonly device: { readonly major: number; readonly minor: number };
  /** Bytes of extended attributes behind the inode. */
  readonly xattrBytes: number;
  /** Where the content lies in the image: its whole blocks, then a tail behind the inode. */
  readonly content: readonly ContentRange[];
}

export interface ContentRange {
  readonly position: number;
  readonly length: number;
}

const DOT = 0x2e;
const SLASH = 0x2f;

/**
 * Reads the EROFS images that ErofsWriter makes: blocks of 4096 bytes, no compression, no shared attributes. A
 * damaged image gives ARCHIVE_IMAGE_DAMAGED, never an endless loop.
 */
export class ErofsReader {
  readonly root: ErofsInode;
  readonly #image: ImageFile;
  readonly #metaPosition: number;

  constructor(image: ImageFile) {
    this.#image = image;
    const view = viewOf(this.#read(SUPER_OFFSET, SUPER_BYTES));
    if (view.getUint32(0, true) !== MAGIC)
      throw archiveError('ARCHIVE_IMAGE_DAMAGED', 'This is no EROFS image');
    if (view.getUint8(SUPER.blockBits) !== BLOCK_BITS || view.getUint32(SUPER.incompat, true) !== 0) {
      throw archiveError('ARCHIVE_UNSUPPORTED', 'The EROFS image has features that Corten does not write');
    }
    this.#metaPosition = view.getUint32(SUPER.metaBlock, true) * BLOCK;
    this.root = this.inode(view.getUint16(SUPER.rootNid, true));
    if (!isDirectory(this.root))
      throw archiveError('ARCHIVE_IMAGE_DAMAGED', 'The root of the image is no directory');
  }

  /** The inode at a path of names with slashes between; symbolic links are not followed. */
  lookup(path: Uint8Array | string): ErofsInode | undefined {
    const bytes = typeof path === 'string' ? latin1ToBytes(path) : path;
    let inode: ErofsInode | undefined = this.root;
    for (let from = 0; from < bytes.length && inode !== undefined;) {
      const slash = bytes.indexOf(SLASH, from);
      const to = slash < 0 ? bytes.length : slash;
      if (to > from) inode = this.child(inode, bytes.subarray(from, to));
      from = to + 1;
    }
    return inode;
  }

  /** What a directory calls by a name; undefined in anything else. */
  child(directory: ErofsInode, name: Uint8Array): ErofsInode | undefined {
    if (!isDirectory(directory)) return undefined;
    let low = 0;
    let high = Math.ceil(directory.size / BLOCK) - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const dirents = this.#directoryBlock(directory, middle);
      const found = dirents.find((dirent) => compareNames(dirent.name, name) === 0);
      if (found !== undefined) return this.inode(found.nid);
      const first = dirents[0];
      if (first !== undefined && compareNames(name, first.name) < 0) high = middle - 1;
      else low = middle + 1;
    }
    return undefined;
  }

  /** The names of a directory in byte order, without "." and "..". */
  list(directory: ErofsInode): Dirent[] {
    const dirents: Dirent[] = [];
    for (let block = 0; isDirectory(directory) && block * BLOCK < directory.size; block++) {
      for (const dirent of this.#directoryBlock(directory, block))
        if (!isDots(dirent.name)) dirents.push(dirent);
    }
    return dirents;
  }

  /** The inode of a number. */
  inode(nid: number): ErofsInode {
    const position = this.#metaPosition + nid * SLOT;
    const view = viewOf(this.#read(position, INODE_BYTES));
    const format = view.getUint16(INODE.format, true);
    const layout = (format >> 1) & 7;
    if ((format & 1) !== EXTENDED || format >> 4 !== 0 || (layout !== FLAT_PLAIN && layout !== FLAT_INLINE)) {
      throw archiveError(
        'ARCHIVE_UNSUPPORTED',
        'The EROFS image has inodes of a kind that Corten does not write',
      );
    }
    const count = view.getUint16(INODE.xattrCount, true);
    const mode = view.getUint16(INODE.mode, true);
    const xattrBytes = count === 0 ? 0 : 8 + count * 4;
    const union = view.getUint32(INODE.union, true);
    const size = view.getUint32(INODE.size, true) + view.getUint32(INODE.size + 4, true) * 2 ** 32;
    const tail = layout === FLAT_INLINE ? size % BLOCK : 0;
    return {
      nid,
      mode,
      uid: view.getUint32(INODE.uid, true),
      gid: view.getUint32(INODE.gid, true),
      size,
      mtime: {
        seconds: view.getUint32(INODE.mtime, true) + view.getInt32(INODE.mtime + 4, true) * 2 ** 32,
        nanoseconds: view.getUint32(INODE.nanoseconds, true),
      },
      links: view.getUint32(INODE.links, true),
      device: isDevice(mode) ? decodeDevice(union) : { major: 0, minor: 0 },
      xattrBytes,
      content: ranges({
        start: union * BLOCK,
        size,
        tail,
        tailPosition: position + INODE_BYTES + xattrBytes,
      }),
    };
  }

  /** The target of a symbolic link. */
  readlink(inode: ErofsInode): Uint8Array {
    if (typeOfMode(inode.mode) !== TYPE_SYMLINK || inode.size > SYMLINK_MAX) {
      throw archiveError('ARCHIVE_IMAGE_DAMAGED', 'A symbolic link of the image is damaged');
    }
    const target = new Uint8Array(inode.size);
    this.read(inode, target, 0);
    return target;
  }

  /** Fills the bytes with content from an offset on; the answer is how many there were. */
  read(inode: ErofsInode, bytes: Uint8Array, offset: number): number {
    let filled = 0;
    let start = 0;
    for (const { position, length } of inode.content) {
      const from = offset + filled - start;
      const take = Math.min(length - from, bytes.length - filled);
      if (from >= 0 && take > 0) {
        this.#readInto(bytes.subarray(filled, filled + take), position + from);
        filled += take;
      }
      start += length;
    }
    return filled;
  }

  /** All extended attributes by full name. */
  xattrs(inode: ErofsInode): Map<string, Uint8Array> {
    if (inode.xattrBytes === 0) return new Map();
    return readXattrs(this.#read(this.#metaPosition + inode.nid * SLOT + INODE_BYTES, inode.xattrBytes));
  }

  #directoryBlock(directory: ErofsInode, block: number): Dirent[] {
    const bytes = new Uint8Array(Math.min(BLOCK, directory.size - block * BLOCK));
    this.read(directory, bytes, block * BLOCK);
    return readDirectoryBlock(bytes);
  }

  #read(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#readInto(bytes, position);
    return bytes;
  }

  #readInto(bytes: Uint8Array, position: number): void {
    if (this.#image.pread(bytes, position) === bytes.length) return;
    throw archiveError('ARCHIVE_IMAGE_DAMAGED', 'The EROFS image is cut short');
  }
}

function ranges(content: {
  start: number;
  size: number;
  tail: number;
  tailPosition: number;
}): ContentRange[] {
  const { start, size, tail, tailPosition } = content;
  const list: ContentRange[] = [];
  if (size > tail) list.push({ position: start, length: size - tail });
  if (tail > 0) list.push({ position: tailPosition, length: tail });
  return list;
}

function isDirectory(inode: ErofsInode): boolean {
  return typeOfMode(inode.mode) === TYPE_DIRECTORY;
}

function isDevice(mode: number): boolean {
  const type = typeOfMode(mode);
  return type === TYPE_CHARACTER || type === TYPE_BLOCK;
}

function isDots(name: Uint8Array): boolean {
  return name[0] === DOT && (name.length === 1 || (name.length === 2 && name[1] === DOT));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
