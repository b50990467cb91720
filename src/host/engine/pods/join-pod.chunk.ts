import type { Fd } from '../../kernel/files.ts';
import { joinPod } from '../../monitor/connect-pod.ts';
import type { Shared } from '../../monitor/start-pod.ts';
import { engineError } from '../errors.ts';
import { findPod } from '../find-pod.ts';
import type { Roots } from '../roots.ts';
import type { JoinedPod } from './joined-pod.ts';
import { requirePodConfig } from './open-pod.ts';
import { hasMonitor, type PodConfig } from './pod-config.ts';
import { runPod } from './run-pod.ts';

/** In a container's monitor: has the pod's monitor run, and gets from it what the container shares. */
export function joinPodOf(roots: Roots, id: string): JoinedPod {
  const places = findPod(roots, id);
  const config = requirePodConfig(places);
  const { directory } = places;
  if (!hasMonitor(config)) return { config, directory, shared: new Map(), kept: [] };
  const connection = runPod(roots, places);
  const wanted = sharedBy(config);
  const shared = joinPod(connection, wanted) as Map<Shared, Fd>;
  if (shared.size === wanted.length) return { config, directory, shared, kept: [connection.release()] };
  const text = `The monitor of the pod ${places.name} ended just now: try again`;
  throw engineError('ENGINE_POD_LOST', text);
}

function sharedBy({ shares, network }: PodConfig): readonly Shared[] {
  return [
    ...(shares.includes('net') && network !== 'host' ? ['net' as const] : []),
    ...(shares.includes('ipc') ? ['ipc' as const, 'shm' as const] : []),
    ...(shares.includes('uts') ? ['uts' as const] : []),
    ...(shares.includes('pid') ? ['pid' as const] : []),
  ];
}
