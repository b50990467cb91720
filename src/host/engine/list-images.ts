import { listImages as listIn, type ListedImage } from '../../pure/store/list-images.ts';
import { readingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

/** Every image of the store, newest first. */
export function listImages(roots: Roots): readonly ListedImage[] {
  return readingImages(roots, [], listIn);
}
