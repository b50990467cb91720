import { requireImage, type ImageRecord } from '../../pure/store/find-image.ts';
import {
  imagesBuiltOn,
  imageTree as treeOf,
  type DependentImage,
  type TreeLayer,
} from '../../pure/store/image-tree.ts';
import { listImages } from '../../pure/store/list-images.ts';
import { storeError } from '../../pure/store/errors.ts';
import { readingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

export interface ImageTree {
  readonly image: ImageRecord;
  readonly references: readonly string[];
  /** Bottom first. */
  readonly layers: readonly TreeLayer[];
  readonly builtOn: readonly DependentImage[];
}

/** The layers of an image, and which other images share them. Throws IMAGE_NOT_FOUND. */
export function imageTree(roots: Roots, reference: string): ImageTree {
  const tree = readingImages(roots, undefined, (db) => {
    const image = requireImage(db, reference);
    const references = listImages(db).find(({ id }) => id === image.id)?.references ?? [];
    return { image, references, layers: treeOf(db, image), builtOn: imagesBuiltOn(db, image) };
  });
  if (tree !== undefined) return tree;
  throw storeError('IMAGE_NOT_FOUND', `No image ${JSON.stringify(reference)} in the store, which is empty`);
}
