import type { Digest } from '../base/digest.ts';
import { integerOf, textOf, type Database } from './database.ts';
import type { StoredBlob } from './put-image.ts';
import { parseReference } from './reference.ts';

const CONTENTS = `SELECT c.digest, c.size, c.media_type FROM image_contents i JOIN contents c ON c.digest = i.digest
  WHERE i.image_id = ?`;
const NAMES = `SELECT DISTINCT r.name FROM image_contents c JOIN image_references r ON r.image_id = c.image_id
  WHERE c.digest = ?`;

/** Every blob that an image needs, by digest. */
export function contentsOf(db: Database, imageId: Digest): ReadonlyMap<Digest, StoredBlob> {
  const blobs = db.query(CONTENTS, [imageId]).map((row) => ({
    digest: textOf(row[0]) as Digest,
    size: integerOf(row[1]),
    mediaType: textOf(row[2]),
  }));
  return new Map(blobs.map((blob) => [blob.digest, blob]));
}

/** The repositories of a registry whose images have a blob, by the names that the store knows. */
export function repositoriesWith(db: Database, digest: Digest, domain: string): readonly string[] {
  const references = db.query(NAMES, [digest]).map((row) => parseReference(textOf(row[0])));
  const paths = references.filter((reference) => reference.domain === domain).map(({ path }) => path);
  return [...new Set(paths)].toSorted();
}
