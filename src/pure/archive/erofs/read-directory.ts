import { archiveError } from '../errors.ts';
import { BLOCK, DIRENT_BYTES } from './format.ts';

export interface Dirent {
  /** A copy. */
  readonly name: Uint8Array;
  readonly nid: number;
}

/** The entries of one block of a directory, "." and ".." among them. */
export function readDirectoryBlock(block: Uint8Array): Dirent[] {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const names = block.length < DIRENT_BYTES ? 0 : view.getUint16(8, true);
  if (block.length > BLOCK || names === 0 || names % DIRENT_BYTES !== 0 || names > block.length)
    throw damaged();
  const dirents: Dirent[] = [];
  for (let at = 0; at < names; at += DIRENT_BYTES) {
    const from = view.getUint16(at + 8, true);
    const to = at + DIRENT_BYTES < names ? view.getUint16(at + DIRENT_BYTES + 8, true) : lastEnd(block, from);
    if (from < names || to <= from || to > block.length) throw damaged();
    const nid = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    dirents.push({ name: block.slice(from, to), nid });
  }
  return dirents;
}

/** The last name ends with the block or at a NUL. */
function lastEnd(block: Uint8Array, from: number): number {
  const nul = block.indexOf(0, from);
  return nul < 0 ? block.length : nul;
}

/** Below 0 if the first name comes first in byte order. */
export function compareNames(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function damaged(): Error {
  return archiveError('ARCHIVE_IMAGE_DAMAGED', 'A directory of the image is damaged');
}
