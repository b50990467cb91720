import { storeError } from '../../pure/store/errors.ts';
import { tagImage as tagIn } from '../../pure/store/tag-image.ts';
import { writingImages } from './images/host-database.ts';
import { storeFiles } from './images/store-files.ts';
import { recordStoreEvent } from './record-event.ts';
import type { Roots } from './roots.ts';

/** Gives an image one more name. */
export function tagImage(roots: Roots, image: string, name: string): void {
  const full = writingImages(roots, undefined, (db) => tagIn(db, storeFiles(roots.store), { image, name }));
  if (full !== undefined) {
    return recordStoreEvent(roots, { type: 'image', action: 'tag', id: image, attributes: { name } });
  }
  throw storeError('IMAGE_NOT_FOUND', `No image ${JSON.stringify(image)} in the store, which is empty`);
}
