import { isCortenError } from '../../pure/base/errors.ts';
import type { Places } from '../monitor/places.ts';
import { containerUsage } from './container-changes.ts';
import { listContainers, type ListedContainer } from './list-containers.ts';
import { recordPrune } from './record-prune.ts';
import { removeContainer } from './remove-container.ts';
import { placesOf, type Roots } from './roots.ts';

export interface PrunedContainers {
  /** IDs. */
  readonly removed: readonly string[];
  /** Bytes. */
  readonly reclaimed: number;
}

/** Removes the containers that don't run and fit. One that somebody starts meanwhile is left alone. */
export function pruneContainers(
  roots: Roots,
  fits: (container: ListedContainer) => boolean,
): PrunedContainers {
  const pruned = listContainers(roots, true)
    .filter((container) => container.created !== '' && ['created', 'exited'].includes(container.state))
    .filter(fits)
    .flatMap(({ id, name }) => {
      const places = placesOf(roots, id, name);
      const { size } = containerUsage(places);
      return isRemoved(places) ? [{ id, size }] : [];
    });
  const reclaimed = pruned.reduce((sum, { size }) => sum + size, 0);
  recordPrune(roots, 'container', reclaimed);
  return { removed: pruned.map(({ id }) => id), reclaimed };
}

function isRemoved(places: Places): boolean {
  try {
    removeContainer(places, false);
    return true;
  } catch (error) {
    const isInUse = ['ENGINE_CONTAINER_RUNNING', 'ENGINE_CONTAINER_BUSY'];
    if (isCortenError(error) && isInUse.includes(error.code)) return false;
    throw error;
  }
}
