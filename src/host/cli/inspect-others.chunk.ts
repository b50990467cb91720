import { findPod } from '../engine/find-pod.ts';
import { inspectPod as inspectOfPod } from '../engine/inspect-pod.ts';
import { networkRoots, type Roots } from '../engine/roots.ts';
import { inspectVolume } from '../engine/volumes.ts';
import { inspectBuiltIn, inspectNetwork as inspectOf } from '../network/inspect-network.ts';
import { findNetwork, membersOf } from '../network/manage-networks.ts';

export { inspectVolume };

export function inspectPod(roots: Roots, wanted: string): object {
  return inspectOfPod(roots, findPod(roots, wanted));
}

/** Loaded where a name is neither a container's nor an image's. Throws NETWORK_NOT_FOUND. */
export function inspectNetwork(roots: Roots, wanted: string): object {
  if (wanted === 'none' || wanted === 'host') return inspectBuiltIn(wanted);
  const place = networkRoots(roots);
  const record = findNetwork(place, wanted);
  return inspectOf(record, membersOf(place, record));
}
