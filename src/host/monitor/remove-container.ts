import { fits } from '../../pure/base/shape.ts';
import { attempt, isSysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openFile, readText } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { cgroupsAt, deleteCgroups } from '../runtime/delete-cgroups.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { handlerOf } from './handlers/handler-of.ts';
import { CLAIMS_FILE } from '../volume/claims-file.ts';
import { cgroupsPath, CONFIG_FILE, exists, JOURNAL_FILE, SOCKET_FILE, type Places } from './places.ts';
import { leaveNetworks } from './leave-networks.ts';
import { releaseName } from './release-name.ts';

/**
 * Removes whatever there is of a container, running or half made, and may be repeated after it was itself killed:
 * the name, by which a user finds the rest, goes last. The caller holds the directory's lock, where there is one;
 * false if another process made it in this very moment.
 */
export function removeContainer(places: Places, andVolumes: boolean): boolean {
  endInRuntime(places);
  removeDirectory(places, andVolumes);
  return releaseName(places);
}

/** Whether a monitor lives, or was killed before it had cleaned up. */
export function hasSocket({ directory }: Places): boolean {
  return attempt('access', `${directory}/${SOCKET_FILE}`, 0) === 0;
}

/** What a killed monitor left in the runtime and on the way to it, its program being gone. */
export function releaseLost(places: Places): void {
  endInRuntime(places);
  attempt('unlink', `${places.directory}/${SOCKET_FILE}`);
}

/** As removeContainer() for one whose init has been waited for. */
export function removeEnded(places: Places, cgroups: readonly string[], runtime?: string): void {
  releaseRuntime(places, cgroups, runtime);
  removeDirectory(places, true);
  releaseName(places);
}

/** Of an ended container everything goes but what it wrote, its logs and its journal. */
export function releaseEnded(places: Places, cgroups: readonly string[], runtime?: string): void {
  releaseRuntime(places, cgroups, runtime);
  attempt('unlink', `${places.directory}/${SOCKET_FILE}`);
}

function endInRuntime(places: Places): void {
  const wanted = readWanted(places);
  const isThere = handlerOf(wanted.runtime).remove(places);
  appendEvents(places.events, leaveNetworks(places));
  // The runtime's state lies where it may be lost; who is in a cgroup of this name is the container's.
  // Another runtime may leave some.
  if (isThere && wanted.runtime === undefined) return;
  deleteCgroups(cgroupsAt(cgroupsPath(places.id, wanted.cgroupParent)));
}

/** Of one that has ended only what the runtime holds: it may be started again. */
export function releaseRuntime(places: Places, cgroups: readonly string[], runtime?: string): void {
  const isDone = handlerOf(runtime).release(places, cgroups);
  if (!isDone || runtime !== undefined) deleteCgroups(cgroups);
  appendEvents(places.events, [...leaveNetworks(places), ...unmounted(places)]);
}

/** Of an ended container's volumes. */
function unmounted({ directory, id }: Places): readonly NewEvent[] {
  if (!exists(`${directory}/${CLAIMS_FILE}`)) return [];
  const attributes = { container: id, driver: 'local' };
  return volumeChunk()
    .readClaims(directory)
    .map(({ name }) => ({ type: 'volume', action: 'unmount', id: name, attributes }) as const);
}

interface Wanted {
  readonly runtime?: string;
  readonly cgroupParent?: string;
}

/** What of the container's configuration says where the runtime has it; nothing where that was never written whole. */
function readWanted({ directory }: Places): Wanted {
  try {
    const config: unknown = JSON.parse(readText(`${directory}/${CONFIG_FILE}`));
    const shape = { 'settings?': { 'runtime?': '', 'cgroupParent?': '' } };
    return fits(config, shape) ? ((config as { readonly settings?: Wanted }).settings ?? {}) : {};
  } catch (error) {
    if (error instanceof SyntaxError || isSysError(error, 'ENOENT', 'ENOTDIR')) return {};
    throw error;
  }
}

function removeDirectory({ directory, id, events }: Places, andVolumes: boolean): void {
  try {
    // The containers' folder lies in the store.
    const store = directory.split('/').slice(0, -2).join('/');
    const gone = exists(`${directory}/${CLAIMS_FILE}`)
      ? volumeChunk().releaseVolumes(store, directory, andVolumes)
      : [];
    using parent = openFile(directory.slice(0, directory.lastIndexOf('/')), O.RDONLY | O.DIRECTORY);
    // Without its journal it is no container any more, for whoever lists them meanwhile.
    const isWhole = attempt('unlinkat', parent.number, `${id}/${JOURNAL_FILE}`, 0) === 0;
    removeTree(parent.number, id);
    const attributes = { driver: 'local' };
    appendEvents(events, [
      ...(isWhole ? [{ type: 'container', action: 'destroy', id } as const] : []),
      ...gone.map((name) => ({ type: 'volume', action: 'destroy', id: name, attributes }) as const),
    ]);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
}

type VolumeChunk = typeof import('../volume/release-volumes.chunk.ts');

function volumeChunk(): VolumeChunk {
  return load('volume/release-volumes.chunk.js') as VolumeChunk;
}
