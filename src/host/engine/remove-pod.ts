import type { Places } from '../monitor/places.ts';
import { removePod as removeAll } from '../monitor/release-pod.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';
import { lockPod } from './pods/open-pod.ts';
import { memberPlaces } from './pods/pod-members.ts';
import { recordStoreEvent } from './record-event.ts';
import { removeContainer } from './remove-container.ts';
import type { Roots } from './roots.ts';
import { cgroupsOf, seize } from './stop-pod.ts';
import { stopContainers } from './stop-container.ts';

export interface RemovePod {
  /** Those too whose containers run. */
  readonly isForced: boolean;
  /** Seconds that containers have to end, as with stopContainer(); undefined kills them. */
  readonly timeout?: number | undefined;
}

/** Removes a pod with all its containers. Throws ENGINE_POD_RUNNING unless `isForced`. */
export function removePod(roots: Roots, places: Places, { isForced, timeout }: RemovePod): void {
  // Nobody puts a container into it meanwhile.
  using _locked = lockPod(places, 'alone');
  const members = memberPlaces(roots, places);
  if (!isForced) members.forEach((member) => refuseRunning(member, places));
  if (isForced && timeout !== undefined) stopContainers(members, timeout);
  for (const member of members) removeContainer(member, isForced, true);
  using directory = openContainer(places);
  if (directory !== undefined) seize(directory, places);
  removeAll(places, cgroupsOf(places));
  const { id, name } = places;
  recordStoreEvent(roots, { type: 'pod', action: 'remove', id, attributes: { name } });
}

function refuseRunning(member: Places, { name }: Places): void {
  using directory = openContainer(member);
  if (directory === undefined) return;
  const { state } = statusOf(directory.number);
  if (state === 'created' || state === 'exited') return;
  const text = `The pod ${name} has the container ${member.name}, which is running: stop the pod first, or remove it with -f`;
  throw engineError('ENGINE_POD_RUNNING', text);
}
