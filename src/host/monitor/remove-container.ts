import { isCortenError } from '../../pure/base/errors.ts';
import { attempt, isSysError, sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openFile, readDirectoryAt } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { isInNetworks, networkModule } from '../network/networks.ts';
import { cgroupsAt, deleteCgroups } from '../runtime/delete-cgroups.ts';
import { deleteContainer, deleteEnded } from '../runtime/delete.ts';
import {
  cgroupsPath,
  exists,
  JOURNAL_FILE,
  lockNames,
  readName,
  SOCKET_FILE,
  type Places,
} from './places.ts';

/**
 * Removes whatever there is of a container, running or half made, and may be repeated after it was itself killed:
 * the name, by which a user finds the rest, goes last. The caller holds the directory's lock, where there is one;
 * false if another process made it in this very moment.
 */
export function removeContainer(places: Places): boolean {
  endInRuntime(places);
  leaveNetworks(places);
  removeDirectory(places);
  return releaseName(places);
}

/** As removeContainer() for one whose init has been waited for. */
export function removeEnded(places: Places, cgroups: readonly string[]): void {
  endRuntimeState(places, cgroups);
  leaveNetworks(places);
  removeDirectory(places);
  releaseName(places);
}

/** Of an ended container everything goes but what it wrote, its logs and its journal. */
export function releaseEnded(places: Places, cgroups: readonly string[]): void {
  endRuntimeState(places, cgroups);
  leaveNetworks(places);
  attempt('unlink', `${places.directory}/${SOCKET_FILE}`);
}

/** What a container has of networks, if anything. */
function leaveNetworks({ directory }: Places): void {
  if (isInNetworks(directory)) networkModule().leaveNetworks(directory);
}

function endInRuntime({ runtimeRoot, id }: Places): void {
  const isThere = unlessGone(() => deleteContainer(runtimeRoot, id, { force: true }));
  // The runtime's state lies where it may be lost; who is in a cgroup of this name is the container's.
  if (!isThere) deleteCgroups(cgroupsAt(cgroupsPath(id)));
}

function endRuntimeState({ runtimeRoot, id }: Places, cgroups: readonly string[]): void {
  if (!unlessGone(() => deleteEnded(runtimeRoot, id, cgroups))) deleteCgroups(cgroups);
}

/** False where the runtime knows no such container. */
function unlessGone(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'RUNTIME_NOT_FOUND') throw error;
    return false;
  }
}

function removeDirectory({ directory, id }: Places): void {
  try {
    using parent = openFile(directory.slice(0, directory.lastIndexOf('/')), O.RDONLY | O.DIRECTORY);
    // Without its journal it is no container any more, for whoever lists them meanwhile.
    attempt('unlinkat', parent.number, `${id}/${JOURNAL_FILE}`, 0);
    removeTree(parent.number, id);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
}

/** False where the container's directory is there (again): then its name has to stay. */
function releaseName({ names, name, id, directory }: Places): boolean {
  try {
    using folder = lockNames(names, 'alone');
    if (exists(directory)) return false;
    const own = isNameOf(folder.number, name, id)
      ? name
      : // It was renamed meanwhile.
        readDirectoryAt(folder.number).find((other) => isNameOf(folder.number, other, id));
    if (own !== undefined) sys('unlinkat', folder.number, own, 0);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
  return true;
}

function isNameOf(folder: number, name: string, id: string): boolean {
  try {
    return readName(folder, name) === id;
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'EINVAL')) return false;
    throw error;
  }
}
