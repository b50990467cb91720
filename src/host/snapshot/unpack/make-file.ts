import type { ErofsInode, ErofsReader } from '../../../pure/archive/erofs-reader.ts';
import { sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openAt, writeAll } from '../../kernel/files.ts';
import type { HostImage } from './host-image.ts';
import { describeFile } from './node-meta.ts';

const PIECE = 1 << 18;
const SEEK_CUR = 1;
let buffer = new Uint8Array(0);
/** A block of zeros as long as the shortest hole that is worth one. */
const HOLE = 4096;
const ZEROS = new Uint8Array(HOLE);

export interface Source {
  readonly reader: ErofsReader;
  readonly image: HostImage;
}

export interface NewFile {
  readonly directory: number;
  readonly name: Uint8Array;
  readonly inode: ErofsInode;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** A regular file with all that it has; what is zeros for whole blocks of a large file becomes a hole. */
export function makeFile({ reader, image }: Source, { directory, name, inode, xattrs }: NewFile): void {
  using file = openAt(directory, name, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, 0o600);
  if (buffer.length === 0) buffer = new Uint8Array(PIECE);
  for (let offset = 0; offset < inode.size; offset += PIECE) {
    const hole = holeAt(image, inode, offset);
    if (hole > 0) {
      sys('lseek', file.number, hole, SEEK_CUR);
      offset += hole - PIECE;
      continue;
    }
    const piece = buffer.subarray(0, Math.min(PIECE, inode.size - offset));
    reader.read(inode, piece, offset);
    if (piece.length === PIECE && isZeros(piece)) sys('lseek', file.number, PIECE, SEEK_CUR);
    else writeAll(file.number, piece);
  }
  if (inode.size > 0) sys('ftruncate', file.number, inode.size);
  describeFile(file.number, { inode, xattrs });
}

/** Whole pieces of a hole that begin at an offset: a sparse file's holes are the image's own. */
function holeAt(image: HostImage, { content, size }: ErofsInode, offset: number): number {
  const [blocks] = content;
  if (blocks === undefined || size - offset < PIECE || offset >= blocks.length) return 0;
  const hole = Math.min(image.nextData(blocks.position + offset) - blocks.position, blocks.length) - offset;
  return Math.floor(hole / PIECE) * PIECE;
}

/** Looks at the start of each block first: most content is none. */
function isZeros(piece: Uint8Array): boolean {
  for (let at = 0; at < piece.length; at += HOLE) if (piece[at] !== 0) return false;
  for (let at = 0; at < piece.length; at += HOLE) {
    for (let i = 0; i < HOLE; i++) if (piece[at + i] !== ZEROS[i]) return false;
  }
  return true;
}
