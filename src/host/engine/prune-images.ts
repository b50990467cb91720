import { filesSize } from '../../pure/store/files-size.ts';
import { listImages } from '../../pure/store/list-images.ts';
import { removeImage, type RemovedImage } from '../../pure/store/remove-image.ts';
import { recordRemoved } from './images/record-removed.ts';
import { recordPrune } from './record-prune.ts';
import { usedImages } from './images/used-images.ts';
import { writingImages } from './images/host-database.ts';
import { sweepLayers } from './images/sweep-layers.ts';
import { storeFiles } from './images/store-files.ts';
import type { Roots } from './roots.ts';

export interface PrunedImages {
  readonly removed: readonly RemovedImage[];
  /** Bytes. */
  readonly reclaimed: number;
}

/** Removes images without a name, or with `isAll` every one that no container was made from. */
export function pruneImages(roots: Roots, isAll: boolean): PrunedImages {
  const used = usedImages(roots);
  const pruned = writingImages(roots, { removed: [], reclaimed: 0 }, (db) => {
    const files = storeFiles(roots.store);
    const before = filesSize(db);
    const removed = listImages(db)
      .filter(({ id, references }) => !used.has(id) && (isAll || references.length === 0))
      .flatMap(({ id, references }) => (references.length === 0 ? [id] : references))
      .map((reference) => removeImage(db, files, { reference }));
    return { removed, reclaimed: before - filesSize(db) };
  });
  sweepLayers(roots);
  for (const removed of pruned.removed) recordRemoved(roots, removed);
  recordPrune(roots, 'image', pruned.reclaimed);
  return pruned;
}
