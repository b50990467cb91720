// Read where --all is given.

import { listContainers } from '../engine/list-containers.ts';
import type { Roots } from '../engine/roots.ts';

/** The IDs of all containers, or of those alone that run or are paused or about to run again. */
export function idsOfAll(roots: Roots, isRunning: boolean): readonly string[] {
  return listContainers(roots, true)
    .filter(({ state }) => !isRunning || state === 'running' || state === 'restarting')
    .map(({ id }) => id);
}
