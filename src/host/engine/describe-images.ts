import { findImage } from '../../pure/store/find-image.ts';
import { parseImageConfig } from '../../pure/store/image-config.ts';
import type { ListedImage } from '../../pure/store/list-images.ts';
import { readingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

export interface DescribedImage {
  readonly image: ListedImage;
  readonly labels: ReadonlyMap<string, string>;
}

/** Images with what stands in their configurations. */
export function describeImages(roots: Roots, images: readonly ListedImage[]): readonly DescribedImage[] {
  return readingImages(roots, [], (db) =>
    images.map((image) => {
      const record = findImage(db, image.id);
      const labels = record === undefined ? [] : parseImageConfig(record.config).config.Labels;
      return { image, labels: new Map(labels) };
    }),
  );
}
