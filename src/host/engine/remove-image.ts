import type { Digest } from '../../pure/base/digest.ts';
import { storeError } from '../../pure/store/errors.ts';
import { requireImage } from '../../pure/store/find-image.ts';
import { namesOf } from '../../pure/store/names-of.ts';
import { removeImage as removeFrom, type RemovedImage } from '../../pure/store/remove-image.ts';
import { recordRemoved } from './images/record-removed.ts';
import { engineError } from './errors.ts';
import { writingImages } from './images/host-database.ts';
import { mountOfImage } from './images/mounted-images.ts';
import { sweepLayers } from './images/sweep-layers.ts';
import { storeFiles } from './images/store-files.ts';
import { usedImages } from './images/used-images.ts';
import type { Roots } from './roots.ts';

/**
 * Takes a name from an image, and deletes the image with its last name; by an ID and `isForced` with all of them. One that a container was made from is
 * refused (ENGINE_IMAGE_IN_USE) unless `isForced`; a container that runs keeps its files either way.
 */
export function removeImage(roots: Roots, reference: string, isForced: boolean): RemovedImage {
  const removed = writingImages(roots, undefined, (db) => {
    const { id } = requireImage(db, reference);
    // Another name that it keeps is enough for whoever uses it.
    if (!isForced && namesOf(db, id).length < 2) refuseUsed(roots, reference, id);
    return removeFrom(db, storeFiles(roots.store), { reference, andAllNames: isForced });
  });
  sweepLayers(roots);
  if (removed !== undefined) {
    recordRemoved(roots, removed);
    return removed;
  }
  throw storeError('IMAGE_NOT_FOUND', `No image ${JSON.stringify(reference)} in the store, which is empty`);
}

function refuseUsed(roots: Roots, reference: string, id: Digest): void {
  const path = mountOfImage(roots, id);
  if (path !== undefined) {
    const text = `The image ${reference} is mounted at ${path}: corten image unmount ends that, or remove it with -f`;
    throw engineError('ENGINE_IMAGE_IN_USE', text);
  }
  const user = usedImages(roots).get(id);
  if (user === undefined) return;
  const text = `The image ${reference} is in use by the container ${user}: remove that first, or the image with -f`;
  throw engineError('ENGINE_IMAGE_IN_USE', text);
}
