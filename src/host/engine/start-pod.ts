import type { Places } from '../monitor/places.ts';
import { awaitStarted } from '../monitor/connect-monitor.ts';
import { memberPlaces } from './pods/pod-members.ts';
import { requirePodConfig } from './pods/open-pod.ts';
import { hasMonitor } from './pods/pod-config.ts';
import { runPod } from './pods/run-pod.ts';
import type { Roots } from './roots.ts';
import { requireRoot, startContainer } from './start-container.ts';

/** Starts a pod, and those of its containers that don't run. What fails doesn't keep the others from their turn. */
export function startPod(roots: Roots, places: Places): readonly unknown[] {
  requireRoot();
  if (hasMonitor(requirePodConfig(places))) runPod(roots, places).close();
  return memberPlaces(roots, places).flatMap((member) => {
    try {
      const started = startContainer(roots, member, false);
      if (started !== undefined) awaitStarted(started.connection);
      return [];
    } catch (error) {
      return [error];
    }
  });
}
