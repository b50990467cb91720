import type { Digest } from '../base/digest.ts';
import { integerOf, textOf, textOrNull, type Database } from './database.ts';

export interface ListedImage {
  readonly id: Digest;
  readonly manifestDigest: Digest;
  /** Full names (`docker.io/library/hello:latest`), sorted; none for an image whose names went to others. */
  readonly references: readonly string[];
  readonly created: string | undefined;
  readonly size: number;
}

const IMAGES = `SELECT i.id, i.manifest_digest, i.created, i.size,
  (SELECT group_concat(name, ' ') FROM (SELECT name FROM image_references WHERE image_id = i.id ORDER BY name))
  FROM images i ORDER BY i.created DESC, i.id`;

/** Every image of the store, newest first by its own date. */
export function listImages(db: Database): readonly ListedImage[] {
  return db.query(IMAGES, []).map((row) => ({
    id: textOf(row[0]) as Digest,
    manifestDigest: textOf(row[1]) as Digest,
    created: textOrNull(row[2]),
    size: integerOf(row[3]),
    references: textOrNull(row[4])?.split(' ') ?? [],
  }));
}
