import { attempt, isSysError } from '../kernel/call.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { openFile, readDirectoryAt } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { usersOf } from './use-volume.ts';
import { volumeError } from './errors.ts';
import { dataPath, lockVolume, readVolume, volumesFolder, type VolumeRecord } from './volume-places.ts';

export interface ListedVolume {
  readonly record: VolumeRecord;
  /** What containers see, on the host. */
  readonly mountpoint: string;
  /** IDs of the containers that have it. */
  readonly users: readonly string[];
}

/** Every volume, by name. One that can't be read is left out: `inspect` and `rm` tell of it. */
export function listVolumes(store: string): readonly ListedVolume[] {
  return namesIn(store)
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .flatMap((name) => {
      try {
        const found = findVolume(store, name);
        return found === undefined ? [] : [found];
      } catch {
        return [];
      }
    });
}

/** undefined where there is none. Throws VOLUME_DAMAGED. */
export function findVolume(store: string, name: string): ListedVolume | undefined {
  using directory = lockVolume(store, name, 'shared');
  if (directory === undefined) return undefined;
  return {
    record: readVolume(directory.number, name),
    mountpoint: dataPath(store, name),
    users: usersOf(store, directory.number),
  };
}

/** Throws VOLUME_NOT_FOUND, VOLUME_DAMAGED. */
export function requireVolume(store: string, name: string): ListedVolume {
  const found = findVolume(store, name);
  if (found !== undefined) return found;
  throw volumeError('VOLUME_NOT_FOUND', `There is no volume "${name}": corten volume ls lists them`);
}

/** Removes what commands that were killed have left of volumes, be they half removed or half made. */
export function sweepVolumes(store: string): void {
  const left = namesIn(store).filter((name) => /^\.(?:gone|new)-/.test(name));
  if (left.length === 0) return;
  using folder = openFile(volumesFolder(store), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  const isNobodyMaking = attempt('flock', folder.number, LOCK.EX | LOCK.NB) === 0;
  for (const name of left) if (isNobodyMaking || name.startsWith('.gone-')) removeTree(folder.number, name);
}

function namesIn(store: string): readonly string[] {
  try {
    using folder = openFile(volumesFolder(store), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    return readDirectoryAt(folder.number);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}
