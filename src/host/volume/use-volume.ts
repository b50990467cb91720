import { attempt, isSysError, sys } from '../kernel/call.ts';
import { AT, O } from '../kernel/constants.ts';
import { createFile, openAt, openFile, readAll, readDirectoryAt } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { volumeError } from './errors.ts';
import { CLAIMS_FILE } from './claims-file.ts';
import { lockVolume, USERS_FOLDER, volumePath, volumesFolder } from './volume-places.ts';

const LIMIT = 1 << 20;

/** A volume that a container has. */
export interface Claim {
  readonly name: string;
  /** Whether it may go with the container. */
  readonly isAnonymous: boolean;
}

/** Written before the first of them is made or used, so that a removal finds what a kill left. */
export function writeClaims(container: string, claims: readonly Claim[]): void {
  createFile(`${container}/${CLAIMS_FILE}`, JSON.stringify(claims));
}

/** Notes that a container has the volume: false where there is none of the name. */
export function useVolume(store: string, name: string, containerId: string): boolean {
  using directory = lockVolume(store, name, 'shared');
  if (directory === undefined) return false;
  using _file = openAt(
    directory.number,
    `${USERS_FOLDER}/${containerId}`,
    O.WRONLY | O.CREAT | O.NOFOLLOW,
    0o600,
  );
  return true;
}

/**
 * A container gives back what it has; with `andRemove` its anonymous volumes go, unless another container has them.
 * `container` is its directory below the store's. The names of those that went.
 */
export function releaseVolumes(store: string, container: string, andRemove: boolean): readonly string[] {
  const id = container.slice(container.lastIndexOf('/') + 1);
  return readClaims(container).flatMap(({ name, isAnonymous }) => {
    attempt('unlink', `${volumePath(store, name)}/${USERS_FOLDER}/${id}`);
    const isGone = isAnonymous && andRemove && removeIfUnused(store, name) === undefined;
    return isGone ? [name] : [];
  });
}

/** The volumes that a container, by its directory, has. */
export function readClaims(container: string): readonly Claim[] {
  try {
    using file = openFile(`${container}/${CLAIMS_FILE}`, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number, LIMIT);
    return JSON.parse(utf8(content, 0, content.length)) as readonly Claim[];
  } catch (error) {
    // One that was never written whole: then none of them had been used.
    if (error instanceof SyntaxError || isSysError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** The IDs of the containers that have the volume; those that are gone, as after a kill, don't count. */
export function usersOf(store: string, directory: number): readonly string[] {
  try {
    using users = openAt(directory, USERS_FOLDER, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    return readDirectoryAt(users.number).filter((id) => isThere(`${store}/containers/${id}`));
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}

function isThere(path: string): boolean {
  return attempt('newfstatat', AT.FDCWD, path, new BigUint64Array(18), AT.SYMLINK_NOFOLLOW) === 0;
}

/** Throws VOLUME_IN_USE, VOLUME_NOT_FOUND. */
export function removeVolume(store: string, name: string): void {
  const user = removeIfUnused(store, name);
  if (user === 'missing')
    throw volumeError('VOLUME_NOT_FOUND', `There is no volume "${name}": corten volume ls lists them`);
  if (user === undefined) return;
  const text = `The volume ${name} is in use by the container ${user.slice(0, 12)}: remove that one first`;
  throw volumeError('VOLUME_IN_USE', text);
}

/** Who has it, if anybody does. */
function removeIfUnused(store: string, name: string): string | undefined {
  using directory = lockVolume(store, name, 'alone');
  if (directory === undefined) return 'missing';
  const [user] = usersOf(store, directory.number);
  if (user !== undefined) return user;
  using parent = openFile(volumesFolder(store), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  // Nobody finds it any more, half removed as it may be; a name like this is swept away by the next prune.
  const gone = `.gone-${name}`;
  removeTree(parent.number, gone);
  sys('renameat', parent.number, name, parent.number, gone);
  removeTree(parent.number, gone);
  return undefined;
}
