import type { ImageConfig } from '../../../pure/spec/image.ts';
import { storeError } from '../../../pure/store/errors.ts';
import { requireImage, type ImageRecord } from '../../../pure/store/find-image.ts';
import { parseImageConfig } from '../../../pure/store/image-config.ts';
import { engineError } from '../errors.ts';
import type { Roots } from '../roots.ts';
import { readingImages } from './host-database.ts';

export interface ResolvedImage {
  readonly record: ImageRecord;
  readonly config: ImageConfig;
}

/** An image of the store that this machine can run. Throws IMAGE_NOT_FOUND, ENGINE_IMAGE_FOREIGN. */
export function resolveImage(roots: Roots, reference: string): ResolvedImage {
  const record = readingImages(roots, undefined, (db) => requireImage(db, reference));
  if (record === undefined) {
    const text = `No image ${JSON.stringify(reference)} in the store, which is empty: corten pull brings one`;
    throw storeError('IMAGE_NOT_FOUND', text, { data: { reference } });
  }
  const config = parseImageConfig(record.config);
  if (config.os !== 'linux') {
    throw engineError('ENGINE_IMAGE_FOREIGN', `The image ${reference} is for ${config.os}, not for linux`);
  }
  return { record, config };
}
