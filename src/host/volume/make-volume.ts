import { isSysError, retry, sys } from '../kernel/call.ts';
import { AT, LOCK, O } from '../kernel/constants.ts';
import { createDurably, makeDirectories, openFile } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import {
  DATA_FOLDER,
  USERS_FOLDER,
  VOLUME_FILE,
  volumePath,
  volumesFolder,
  type VolumeRecord,
} from './volume-places.ts';

const PRIVATE = 0o700;
const OPEN = 0o755;

/** Makes a volume, whole or not at all; false where there is one of the name. `unique` is nobody else's. */
export function makeVolume(store: string, record: VolumeRecord, unique: string): boolean {
  // Names of volumes begin with a letter or digit.
  const temporary = `.new-${unique}`;
  const path = `${volumesFolder(store)}/${temporary}`;
  makeDirectories(volumesFolder(store), PRIVATE);
  // Whoever sweeps what killed commands left leaves ours alone.
  using folder = openFile(volumesFolder(store), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  retry('flock', folder.number, LOCK.SH);
  try {
    sys('mkdir', path, PRIVATE);
    sys('mkdir', `${path}/${DATA_FOLDER}`, OPEN);
    sys('mkdir', `${path}/${USERS_FOLDER}`, PRIVATE);
    createDurably(`${path}/${VOLUME_FILE}`, JSON.stringify(record));
    sys('rename', path, volumePath(store, record.name));
    return true;
  } catch (error) {
    removeTree(AT.FDCWD, path);
    if (isSysError(error, 'EEXIST', 'ENOTEMPTY')) return false;
    throw error;
  }
}
