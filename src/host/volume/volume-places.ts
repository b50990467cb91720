import { isSysError, retry, sys } from '../kernel/call.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { openAt, openFile, readAll, type Fd } from '../kernel/files.ts';
import { statusOf } from '../kernel/stat.ts';
import { volumeError } from './errors.ts';

/** In a volume's directory: what it is, what it holds, and a file for each container that has it. */
export const VOLUME_FILE = 'volume.json';
export const DATA_FOLDER = '_data';
export const USERS_FOLDER = 'users';
const LIMIT = 1 << 20;

/** What was wanted of a volume: its volume.json. */
export interface VolumeRecord {
  readonly version: 1;
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly labels: readonly (readonly [key: string, value: string])[];
  /** Options of the driver, as given. */
  readonly options: readonly (readonly [key: string, value: string])[];
  /** Made for a container, without anybody naming it. */
  readonly isAnonymous: boolean;
}

export function volumesFolder(store: string): string {
  return `${store}/volumes`;
}

export function volumePath(store: string, name: string): string {
  return `${volumesFolder(store)}/${name}`;
}

/** What containers see of a volume. */
export function dataPath(store: string, name: string): string {
  return `${volumePath(store, name)}/${DATA_FOLDER}`;
}

/**
 * The volume's directory, locked until closed: shared by whoever uses it, alone by whoever removes or fills it.
 * undefined where there is none (any more).
 */
export function lockVolume(store: string, name: string, mode: 'shared' | 'alone'): Fd | undefined {
  for (;;) {
    const directory = openVolume(store, name);
    if (directory === undefined) return undefined;
    retry('flock', directory.number, mode === 'shared' ? LOCK.SH : LOCK.EX);
    // Another volume of the name may stand there by now.
    using again = openVolume(store, name);
    if (again !== undefined && statusOf(again.number).inode === statusOf(directory.number).inode)
      return directory;
    directory.close();
  }
}

function openVolume(store: string, name: string): Fd | undefined {
  try {
    return openFile(volumePath(store, name), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Of an open volume's directory. Throws VOLUME_DAMAGED. */
export function readVolume(directory: number, name: string): VolumeRecord {
  try {
    using file = openAt(directory, VOLUME_FILE, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number, LIMIT);
    return JSON.parse(utf8(content, 0, content.length)) as VolumeRecord;
  } catch (error) {
    const text = `The volume ${name} has no readable ${VOLUME_FILE}: save what it holds, and remove it with corten volume rm -f ${name}`;
    throw volumeError('VOLUME_DAMAGED', text, error);
  }
}

/** Whether a directory, by its open parent, has no entry. */
export function isEmpty(parent: number, name: string): boolean {
  using directory = openAt(parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  const buffer = new Uint8Array(4096);
  let count = 0;
  for (;;) {
    const length = sys('getdents64', directory.number, buffer, buffer.length);
    if (length === 0) return count <= 2;
    for (let at = 0; at < length; count++) at += (buffer[at + 16] ?? 0) | ((buffer[at + 17] ?? 0) << 8);
    if (count > 2) return false;
  }
}
