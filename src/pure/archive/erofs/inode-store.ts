import { invariant } from '../../base/errors.ts';
import { archiveError } from '../errors.ts';
import type { ImageFile } from '../image-file.ts';
import { BlockOutput } from './block-output.ts';
import type { Meta } from './directory-table.ts';
import { encodeXattrs, xattrCount } from './encode-xattrs.ts';
import { BLOCK, FLAT_INLINE, FLAT_PLAIN, INODE, INODE_BYTES, S_IFLNK, S_IFMT, SLOT } from './format.ts';
import { MetadataChunks } from './metadata-chunks.ts';
import { writeInode } from './write-inode.ts';

/** Shorter runs of zeros are written: each hole costs a write of what came before it. */
const HOLE = 1 << 15;
const LARGEST_NID = 2 ** 37;

/** Inodes other than directories, with their content, in the order they come. */
export class InodeStore {
  readonly output: BlockOutput;
  readonly #image: ImageFile;
  readonly #chunks: MetadataChunks;
  readonly #imageBytes: number;
  #made = 0;
  #live = 0;
  #body = 0;
  #tail = 0;
  #tailPosition = 0;

  constructor(image: ImageFile, imageBytes: number) {
    this.#image = image;
    this.#imageBytes = imageBytes;
    this.output = new BlockOutput(image, BLOCK);
    this.#chunks = new MetadataChunks(image, this.output);
  }

  /** Inodes that have a link. */
  get live(): number {
    return this.#live;
  }

  /** Begins a file or symbolic link of so many bytes; the answer is its number. */
  begin(meta: Meta, size: number): number {
    this.mustFit(size);
    const xattrs = encodeXattrs(meta.xattrs);
    const tail = inlineTail(meta.mode, size, INODE_BYTES + xattrs.length);
    const nid = this.#add(meta, { xattrs, size, tail, union: 0 });
    this.#body = size - tail;
    this.#tail = tail;
    this.#tailPosition = nid * SLOT + INODE_BYTES + xattrs.length;
    if (this.#body > 0) this.#chunks.setUint32(nid * SLOT + INODE.union, this.output.position / BLOCK);
    return nid;
  }

  /** An inode without content. */
  special(meta: Meta, device: number): number {
    this.mustFit(0);
    return this.#add(meta, { xattrs: encodeXattrs(meta.xattrs), size: 0, tail: 0, union: device });
  }

  /** The next bytes of what was begun last. */
  data(bytes: Uint8Array): void {
    const body = Math.min(bytes.length, this.#body);
    if (body > 0) {
      this.output.write(body === bytes.length ? bytes : bytes.subarray(0, body));
      this.#endBody(body);
    }
    if (body === bytes.length) return;
    const tail = body === 0 ? bytes : bytes.subarray(body);
    invariant(tail.length <= this.#tail, 'a file brings no more bytes than its size');
    this.#chunks.write(tail, this.#tailPosition);
    this.#endTail(tail.length);
  }

  /** The next bytes are zeros; long runs of them take no room in the image's file. */
  hole(length: number): void {
    const body = Math.min(length, this.#body);
    if (body > 0) {
      if (body < HOLE) this.output.zeros(body);
      else this.output.skip(body);
      this.#endBody(body);
    }
    this.#endTail(length - body);
  }

  addLinks(nid: number, change: number): void {
    const links = this.#chunks.add(nid * SLOT + INODE.links, change);
    if (links === 0) this.#live--;
  }

  /** The target of a symbolic link. */
  readLink(nid: number): Uint8Array {
    const position = nid * SLOT;
    const head = new Uint8Array(INODE_BYTES);
    this.#chunks.read(head, position);
    const view = new DataView(head.buffer);
    const target = new Uint8Array(view.getUint32(INODE.size, true));
    const count = view.getUint16(INODE.xattrCount, true);
    if (view.getUint16(INODE.format, true) >> 1 === FLAT_INLINE) {
      this.#chunks.read(target, position + INODE_BYTES + (count === 0 ? 0 : 8 + count * 4));
      return target;
    }
    this.output.flush();
    this.#image.pread(target, view.getUint32(INODE.union, true) * BLOCK);
    return target;
  }

  /** Writes what is left of the inodes and leaves the output at a block's start. */
  close(): void {
    this.#chunks.close();
    this.output.pad();
  }

  /** Writes what there is; only links may change after it. */
  rest(): void {
    this.close();
    this.output.rest();
  }

  mustFit(more: number): void {
    if (this.output.position + more <= this.#imageBytes) return;
    throw archiveError('ARCHIVE_LIMIT', `The layer's image would have more than ${this.#imageBytes} bytes`);
  }

  #add(meta: Meta, content: Content): number {
    const { xattrs, size, tail, union } = content;
    const position = this.#chunks.reserve(INODE_BYTES + xattrs.length, tail);
    const nid = position / SLOT;
    if (nid >= LARGEST_NID) throw archiveError('ARCHIVE_LIMIT', 'The image has more than 4 TiB');
    this.#made++;
    this.#live++;
    writeInode(this.#chunks.view, position - this.#chunks.base, {
      layout: tail > 0 ? FLAT_INLINE : FLAT_PLAIN,
      xattrCount: xattrCount(xattrs.length),
      mode: meta.mode,
      size,
      union,
      number: this.#made,
      uid: meta.uid,
      gid: meta.gid,
      seconds: meta.mtime.seconds,
      nanoseconds: meta.mtime.nanoseconds,
      links: 1,
    });
    if (xattrs.length > 0) this.#chunks.write(xattrs, position + INODE_BYTES);
    return nid;
  }

  #endBody(length: number): void {
    this.#body -= length;
    if (this.#body === 0) this.output.pad();
  }

  #endTail(length: number): void {
    this.#tail -= length;
    this.#tailPosition += length;
  }
}

interface Content {
  readonly xattrs: Uint8Array;
  readonly size: number;
  readonly tail: number;
  readonly union: number;
}

/** How many bytes lie behind the inode: where two such fit a block, else a block of its own wastes less. */
function inlineTail(mode: number, size: number, head: number): number {
  const tail = size % BLOCK;
  if ((mode & S_IFMT) === S_IFLNK) return size === tail && head + tail <= BLOCK ? tail : 0;
  return head + tail <= BLOCK / 2 ? tail : 0;
}
