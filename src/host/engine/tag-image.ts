import { storeError } from '../../pure/store/errors.ts';
import { requireImage } from '../../pure/store/find-image.ts';
import { shortReference } from '../../pure/store/reference.ts';
import { tagImage as tagIn } from '../../pure/store/tag-image.ts';
import { writingImages } from './images/host-database.ts';
import { storeFiles } from './images/store-files.ts';
import { recordStoreEvent } from './record-event.ts';
import type { Roots } from './roots.ts';

/** Gives an image one more name. */
export function tagImage(roots: Roots, image: string, name: string): void {
  const tagged = writingImages(roots, undefined, (db) => {
    const { id } = requireImage(db, image);
    return { id, full: tagIn(db, storeFiles(roots.store), { image, name }) };
  });
  if (tagged !== undefined) {
    const attributes = { name: shortReference(tagged.full) };
    return recordStoreEvent(roots, { type: 'image', action: 'tag', id: tagged.id, attributes });
  }
  throw storeError('IMAGE_NOT_FOUND', `No image ${JSON.stringify(image)} in the store, which is empty`);
}
