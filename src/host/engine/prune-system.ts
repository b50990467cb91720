import { collectGarbage } from '../../pure/store/collect-garbage.ts';
import { filesSize } from '../../pure/store/files-size.ts';
import type { RemovedImage } from '../../pure/store/remove-image.ts';
import { openContainer, statusOf } from './container-status.ts';
import { containerUsage } from './container-changes.ts';
import { allContainers } from './find-container.ts';
import { writingImages } from './images/host-database.ts';
import { storeFiles } from './images/store-files.ts';
import { sweepLeftovers } from './images/sweep-leftovers.ts';
import { pruneNetworks } from './networks.ts';
import { pruneImages } from './prune-images.ts';
import { removeContainer } from './remove-container.ts';
import type { Roots } from './roots.ts';
import { pruneVolumes } from './volumes.ts';

export interface PrunedSystem {
  /** IDs of containers that had ended. */
  readonly containers: readonly string[];
  /** Names. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly RemovedImage[];
  /** Bytes. */
  readonly reclaimed: number;
}

/**
 * Removes containers that have ended, networks without a container, images without a name (or with `isAll` all that no
 * container is made from), with `andVolumes` volumes that nobody named or has, and what ended pulls left. Whatever
 * runs, loads and pulls included, loses nothing.
 */
export function pruneSystem(
  roots: Roots,
  { isAll, andVolumes }: { readonly isAll: boolean; readonly andVolumes: boolean },
): PrunedSystem {
  const containers: string[] = [];
  let reclaimed = 0;
  for (const places of allContainers(roots)) {
    if (!hasEnded(places)) continue;
    const size = containerUsage(places).size;
    removeContainer(places, false);
    containers.push(places.id);
    reclaimed += size;
  }
  const networks = pruneNetworks(roots, () => false);
  const volumes = andVolumes ? pruneVolumes(roots, false, () => true) : [];
  const { removed, reclaimed: freed } = pruneImages(roots, isAll);
  const leftover = writingImages(roots, 0, (db) => {
    const before = filesSize(db);
    const { freed: files } = sweepLeftovers(roots, db);
    collectGarbage(db, storeFiles(roots.store));
    return files + before - filesSize(db);
  });
  return { containers, networks, volumes, images: removed, reclaimed: reclaimed + freed + leftover };
}

function hasEnded(places: Parameters<typeof openContainer>[0]): boolean {
  using directory = openContainer(places);
  if (directory === undefined) return false;
  const { state, isHeld } = statusOf(directory.number);
  return state === 'exited' && !isHeld;
}
