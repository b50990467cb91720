import { attempt, isSysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openFile } from '../kernel/files.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { deleteCgroups } from '../runtime/delete-cgroups.ts';
import { appendEvents } from './events.ts';
import { leaveNetworks } from './leave-networks.ts';
import { SOCKET_FILE, type Places } from './places.ts';
import { releaseName } from './release-name.ts';

/** What a pod's monitor has, or left when it was killed, beside its directory; may be repeated. */
export function releasePod(places: Places, cgroups: readonly string[]): void {
  const { directory, events } = places;
  appendEvents(events, leaveNetworks(places));
  if (cgroups.length > 0) deleteCgroups(cgroups);
  attempt('unlink', `${directory}/${SOCKET_FILE}`);
}

/** Removes all that there is of a pod whose containers are gone; the caller holds the directory's lock. */
export function removePod(places: Places, cgroups: readonly string[]): void {
  const { directory, id } = places;
  releasePod(places, cgroups);
  try {
    using parent = openFile(directory.slice(0, directory.lastIndexOf('/')), O.RDONLY | O.DIRECTORY);
    removeTree(parent.number, id);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
  releaseName(places);
}
