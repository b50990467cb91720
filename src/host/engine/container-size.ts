import { isSysError } from '../kernel/call.ts';
import { O, S } from '../kernel/constants.ts';
import { openAt, readDirectoryAt } from '../kernel/files.ts';
import { statusAt } from '../kernel/stat.ts';
import type { Places } from '../monitor/places.ts';
import { openContainer } from './container-status.ts';

const UPPER_FOLDER = 'upper';

/** Bytes of the files that a container wrote or changed, a file with several names once. */
export function writtenSize(places: Places): number {
  using directory = openContainer(places);
  if (directory === undefined) return 0;
  return sizeBelow(directory.number, UPPER_FOLDER, new Set());
}

/** What vanishes meanwhile counts nothing: the container writes on. */
function sizeBelow(parent: number, name: string, seen: Set<bigint>): number {
  try {
    using folder = openAt(parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    return readDirectoryAt(folder.number).reduce((sum, entry) => sum + sizeOf(folder.number, entry, seen), 0);
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return 0;
    throw error;
  }
}

function sizeOf(folder: number, entry: string, seen: Set<bigint>): number {
  const status = statusAt(folder, entry);
  if (status === undefined || seen.has(status.inode)) return 0;
  const type = status.mode & S.IFMT;
  if (type === S.IFDIR) return sizeBelow(folder, entry, seen);
  if (status.links > 1) seen.add(status.inode);
  return type === S.IFREG || type === S.IFLNK ? status.size : 0;
}
