import { timestamp } from '../../kernel/clock.ts';
import { appendEvent } from '../events.ts';
import { appendRecord } from '../journal.ts';
import type { Places } from '../places.ts';
import { releasePod } from '../release-pod.ts';

export interface Ending {
  readonly places: Places;
  readonly directory: number;
  readonly cgroups: readonly string[];
}

/** The end of a pod's monitor: all of the pod goes but its directory. */
export function endPod({ places, directory, cgroups }: Ending): void {
  appendRecord(directory, { event: 'exited', time: timestamp(), code: 0 }, true);
  releasePod(places, cgroups);
  appendEvent(places.events, {
    type: 'pod',
    action: 'stop',
    id: places.id,
    attributes: { name: places.name },
  });
}
