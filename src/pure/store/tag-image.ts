import { inWriteTransaction, type Database, type StoreFiles } from './database.ts';
import { storeError } from './errors.ts';
import { requireImage } from './find-image.ts';
import { formatIndex } from './index-json.ts';
import { INDEX_FILE } from './layout.ts';
import { formatReference, parseReference } from './reference.ts';

/** Gives an image one more name, taking it from whichever image had it. Returns the full name. */
export function tagImage(
  db: Database,
  files: StoreFiles,
  { image, name }: { readonly image: string; readonly name: string },
): string {
  const reference = parseReference(name);
  if (reference.digest !== undefined) {
    throw storeError(
      'REFERENCE_INVALID',
      `An image gets a tag, not a digest as ${JSON.stringify(name)} has it`,
    );
  }
  const full = formatReference(reference);
  inWriteTransaction(db, () => {
    const { id } = requireImage(db, image);
    db.query('INSERT OR REPLACE INTO image_references (name, image_id) VALUES (?, ?)', [full, id]);
    files.replace(INDEX_FILE, formatIndex(db));
  });
  return full;
}
