import { storeError } from '../../pure/store/errors.ts';
import { requireImage } from '../../pure/store/find-image.ts';
import { imageHistory as historyIn, type HistoryEntry } from '../../pure/store/image-history.ts';
import { readingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

/** The steps by which an image was made, the last first. */
export function imageHistory(roots: Roots, reference: string): readonly HistoryEntry[] {
  const entries = readingImages(roots, undefined, (db) => historyIn(db, requireImage(db, reference)));
  if (entries !== undefined) return entries;
  throw storeError('IMAGE_NOT_FOUND', `No image ${JSON.stringify(reference)} in the store, which is empty`);
}
