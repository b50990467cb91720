import type { Digest } from '../base/digest.ts';
import { collectGarbage } from './collect-garbage.ts';
import { inWriteTransaction, integerOf, type Database, type StoreFiles } from './database.ts';
import { storeError } from './errors.ts';
import { requireImage } from './find-image.ts';
import { formatIndex } from './index-json.ts';
import { INDEX_FILE } from './layout.ts';
import { namesOf } from './names-of.ts';
import { formatReference, referencesMeant } from './reference.ts';

export interface RemovedImage {
  readonly id: Digest;
  /** Full names that the store has no more. */
  readonly untagged: readonly string[];
  /** The image's ID, if nothing names it any more. */
  readonly deleted: Digest | undefined;
}

export interface Removal {
  readonly reference: string;
  /** Of an image that is given by its ID. */
  readonly andAllNames?: boolean;
}

/**
 * Takes a name from an image, and deletes the image with the files that no other needs when that was its last.
 * An image given by its ID loses its only name with it; one with more names is refused unless `andAllNames`, as
 * Docker does. Whether a container uses the image is the caller's question.
 */
export function removeImage(
  db: Database,
  files: StoreFiles,
  { reference, andAllNames = false }: Removal,
): RemovedImage {
  const removed = inWriteTransaction(db, () => {
    const result = untag(db, reference, andAllNames);
    files.replace(INDEX_FILE, formatIndex(db));
    return result;
  });
  // Rows first, files after: what is killed between leaves files that the next collection finds.
  collectGarbage(db, files);
  return removed;
}

function untag(db: Database, reference: string, andAllNames: boolean): RemovedImage {
  const { id } = requireImage(db, reference);
  const names = namesOf(db, id);
  const named = fullNames(reference).find((name) => names.includes(name));
  if (named === undefined && names.length > 1 && !andAllNames) {
    const text = `Image ${reference} has ${names.length} names: remove each (${names.join(', ')}), or all with -f`;
    throw storeError('IMAGE_AMBIGUOUS', text);
  }
  const gone = named === undefined ? names : [named];
  for (const name of gone) db.query('DELETE FROM image_references WHERE name = ?', [name]);
  const left = integerOf(db.query('SELECT count(*) FROM image_references WHERE image_id = ?', [id])[0]?.[0]);
  if (left > 0) return { id, untagged: gone, deleted: undefined };
  db.query('DELETE FROM image_layers WHERE image_id = ?', [id]);
  db.query('DELETE FROM image_contents WHERE image_id = ?', [id]);
  db.query('DELETE FROM images WHERE id = ?', [id]);
  return { id, untagged: gone, deleted: id };
}

/** What was given as full names, the likeliest first; an ID matches no name. */
function fullNames(reference: string): readonly string[] {
  if (reference.startsWith('sha256:') || /^[0-9a-f]{64}$/.test(reference)) return [];
  return referencesMeant(reference).map(formatReference);
}
