import { latin1ToBytes } from '../base/bytes.ts';
import {
  DirectoryTable,
  HAS_WHITEOUTS,
  IMPLIED,
  type Meta as InodeMeta,
  OPAQUE,
  REACHED,
} from './erofs/directory-table.ts';
import { EntryTable, type NodeRef } from './erofs/entry-table.ts';
import {
  BLOCK,
  encodeDevice,
  S_IFCHR,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  TYPE_CHARACTER,
  TYPE_DIRECTORY,
  TYPE_FILE,
  TYPE_SYMLINK,
  typeOfMode,
} from './erofs/format.ts';
import { InodeStore } from './erofs/inode-store.ts';
import { firstBlock } from './erofs/super-block.ts';
import { TreeLayout } from './erofs/tree-layout.ts';
import type { ImageFile } from './image-file.ts';
import { DEFAULT_LIMITS } from './limits.ts';

/** A name in a directory; the root is directory 0. */
export interface Place {
  readonly directory: number;
  readonly name: Uint8Array;
}

/** What an inode says besides its content; for special() the mode has the type too. */
export type Meta = InodeMeta;

export interface WrittenImage {
  /** Bytes of the image. */
  readonly size: number;
  /** Names below the root. */
  readonly entries: number;
}

export interface ErofsWriterOptions {
  readonly imageBytes?: number;
  readonly directoryXattrBytes?: number;
}

export const ROOT = 0;

/** A directory that nobody described: mode 0755, root's, of 1970. */
export const PLAIN_META: Meta = {
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  xattrs: new Map(),
};

/**
 * Writes an EROFS image while its tree arrives: content and inodes in the order of the stream, directories at
 * the end. A name that is there already gets the new node. The memory is bounded by the names, which the caller
 * has checked: 1 to 255 bytes without a slash or NUL, neither "." nor "..".
 */
export class ErofsWriter {
  readonly #image: ImageFile;
  readonly #inodes: InodeStore;
  readonly #entries = new EntryTable();
  readonly #directories: DirectoryTable;
  #whiteout: number | undefined;
  #replaced = 0;

  constructor(image: ImageFile, options: ErofsWriterOptions = {}) {
    this.#image = image;
    this.#inodes = new InodeStore(image, options.imageBytes ?? DEFAULT_LIMITS.imageBytes);
    this.#directories = new DirectoryTable(options.directoryXattrBytes ?? DEFAULT_LIMITS.directoryXattrBytes);
    this.#directories.add(typed(PLAIN_META, S_IFDIR), IMPLIED);
  }

  /** Grows whenever a directory or symbolic link makes room for something else: paths may mean others since. */
  get replaced(): number {
    return this.#replaced;
  }

  /** The entry at a place, or -1. */
  find(place: Place): number {
    return this.#entries.find(place.directory, place.name);
  }

  isWhiteout(entry: number): boolean {
    return this.#entries.type(entry) === TYPE_CHARACTER && this.#entries.node(entry) === this.#whiteout;
  }

  isSymlink(entry: number): boolean {
    return this.#entries.type(entry) === TYPE_SYMLINK;
  }

  /** The directory that an entry is, or -1. */
  directoryOf(entry: number): number {
    return this.#entries.type(entry) === TYPE_DIRECTORY ? this.#entries.node(entry) : -1;
  }

  /** The target of an entry that is a symbolic link. */
  readLink(entry: number): Uint8Array {
    return this.#inodes.readLink(this.#entries.node(entry));
  }

  /** Makes or describes a directory, which keeps its children if it is there. */
  directory(place: Place, meta: Meta): number {
    const entry = this.find(place);
    const known = entry < 0 ? -1 : this.directoryOf(entry);
    if (known >= 0) this.describe(known, meta);
    return known >= 0 ? known : this.#newDirectory(place, meta, 0);
  }

  /** Makes a directory that the archive has not told of: its own entry may still come. */
  impliedDirectory(place: Place, meta: Meta): number {
    return this.#newDirectory(place, meta, IMPLIED);
  }

  describe(directory: number, meta: Meta): void {
    this.#directories.describe(directory, typed(meta, S_IFDIR));
    this.#directories.unmark(directory, IMPLIED);
  }

  /** Describes an implied directory, unless its own entry has come since. */
  describeImplied(directory: number, meta: Meta): void {
    if (this.#directories.has(directory, IMPLIED))
      this.#directories.describe(directory, typed(meta, S_IFDIR));
  }

  /** Marks a directory as hiding what lies below it in other layers. */
  setOpaque(directory: number): void {
    this.#directories.mark(directory, OPAQUE);
  }

  isOpaque(directory: number): boolean {
    return this.#directories.has(directory, OPAQUE);
  }

  /** Begins a file; `size` bytes follow by data() and hole(). */
  file(place: Place, meta: Meta, size: number): void {
    this.#put(place, { type: TYPE_FILE, node: this.#inodes.begin(typed(meta, S_IFREG), size) });
  }

  data(bytes: Uint8Array): void {
    this.#inodes.data(bytes);
  }

  /** The next bytes are zeros. */
  hole(length: number): void {
    this.#inodes.hole(length);
  }

  symlink(place: Place, meta: Meta, target: Uint8Array): void {
    const node = this.#inodes.begin({ ...meta, mode: S_IFLNK | 0o777 }, target.length);
    this.#inodes.data(target);
    this.#put(place, { type: TYPE_SYMLINK, node });
  }

  /** A device or a fifo. */
  special(place: Place, meta: Meta, device: { readonly major: number; readonly minor: number }): void {
    const node = this.#inodes.special(meta, encodeDevice(device.major, device.minor));
    this.#put(place, { type: typeOfMode(meta.mode), node });
  }

  /** One more name for an entry's inode, which is no directory. */
  link(place: Place, entry: number): void {
    const node = { type: this.#entries.type(entry), node: this.#entries.node(entry) };
    const old = this.find(place);
    if (old >= 0 && this.#entries.node(old) === node.node && this.#entries.type(old) === node.type) return;
    this.#inodes.addLinks(node.node, 1);
    this.#put(place, node);
  }

  /** Hides a name of the layers below; all whiteouts are one inode, a character device 0:0. */
  whiteout(place: Place): void {
    this.#whiteout ??= this.#inodes.special({ ...PLAIN_META, mode: S_IFCHR }, 0);
    this.#put(place, { type: TYPE_CHARACTER, node: this.#whiteout });
  }

  /** Writes what there is and gives its buffers up, before a wait for finish(). */
  rest(): void {
    this.#inodes.rest();
  }

  /** Writes what is left; the writer is of no use after it. */
  finish(): WrittenImage {
    this.#entries.freeIndex();
    const whiteouts = this.#markDirectories();
    const { output } = this.#inodes;
    if (this.#whiteout !== undefined) this.#inodes.addLinks(this.#whiteout, whiteouts - 1);
    this.#inodes.close();
    const layout = new TreeLayout({ entries: this.#entries, directories: this.#directories, output });
    layout.place();
    this.#unlinkUnreached();
    const root = layout.write();
    const blocks = output.position / BLOCK;
    output.flush();
    this.#inodes.mustFit(0);
    const inodes = this.#inodes.live + layout.directories;
    this.#image.pwrite(firstBlock(root, { inodes, blocks }), 0);
    return { size: blocks * BLOCK, entries: layout.entries };
  }

  #newDirectory(place: Place, meta: Meta, flags: number): number {
    const directory = this.#directories.add(typed(meta, S_IFDIR), flags);
    this.#put(place, { type: TYPE_DIRECTORY, node: directory });
    return directory;
  }

  /** Puts a node at a place; what was there loses a name, and a directory its children. */
  #put(place: Place, node: NodeRef): void {
    const entry = this.find(place);
    if (entry < 0) {
      this.#entries.insert(place.directory, place.name, node);
      return;
    }
    const type = this.#entries.type(entry);
    if (type === TYPE_DIRECTORY || type === TYPE_SYMLINK) this.#replaced++;
    if (type !== TYPE_DIRECTORY && !this.isWhiteout(entry))
      this.#inodes.addLinks(this.#entries.node(entry), -1);
    // What was no directory here has hidden the one below, and so must the directory that takes its place.
    if (type !== TYPE_DIRECTORY && node.type === TYPE_DIRECTORY) this.setOpaque(node.node);
    this.#entries.replace(entry, node);
  }

  /** Sets the attributes that overlayfs looks for and counts the whiteouts. */
  #markDirectories(): number {
    let whiteouts = 0;
    for (let entry = 0; this.#whiteout !== undefined && entry < this.#entries.count; entry++) {
      if (!this.isWhiteout(entry)) continue;
      whiteouts++;
      this.#directories.mark(this.#entries.parent(entry), HAS_WHITEOUTS);
    }
    for (let directory = 0; directory < this.#directories.count; directory++) {
      if (this.#directories.has(directory, OPAQUE)) {
        this.#directories.addXattr(directory, 'trusted.overlay.opaque', latin1ToBytes('y'));
      }
      // A directory that no other layer has is shown as it is, whiteouts too, unless it has an origin
      // (Linux fs/overlayfs/inode.c ovl_get_inode()).
      if (this.#directories.has(directory, HAS_WHITEOUTS)) {
        this.#directories.addXattr(directory, 'trusted.overlay.origin', new Uint8Array(0));
      }
    }
    return whiteouts;
  }

  /** Takes the links away that names in dropped directories have. */
  #unlinkUnreached(): void {
    for (let entry = 0; entry < this.#entries.count; entry++) {
      if (this.#directories.has(this.#entries.parent(entry), REACHED)) continue;
      if (this.directoryOf(entry) < 0) this.#inodes.addLinks(this.#entries.node(entry), -1);
    }
  }
}

function typed(meta: Meta, type: number): Meta {
  return { ...meta, mode: (meta.mode & 0o7777) | type };
}
