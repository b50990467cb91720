import type { Digest } from '../base/digest.ts';
import { inWriteTransaction, textOf, type Database, type StoreFiles } from './database.ts';
import { blobFile } from './layout.ts';

const UNUSED_CONTENTS = `SELECT digest FROM contents c WHERE NOT EXISTS
  (SELECT 1 FROM image_contents WHERE digest = c.digest)`;
const UNUSED_LAYERS = `SELECT file FROM layers l WHERE NOT EXISTS
  (SELECT 1 FROM image_layers WHERE file = l.file)`;

/**
 * Unlinks every blob and layer that no image needs, inside one transaction: a loader moves its files into place
 * under the same lock, and so never loses one that it counts on. Returns what it unlinked.
 */
export function collectGarbage(db: Database, files: StoreFiles): readonly string[] {
  return inWriteTransaction(db, () => {
    const digests = db.query(UNUSED_CONTENTS, []).map((row) => textOf(row[0]) as Digest);
    const layers = db.query(UNUSED_LAYERS, []).map((row) => textOf(row[0]));
    const unused = [...digests.map(blobFile), ...layers];
    for (const file of unused) files.unlink(file);
    for (const digest of digests) db.query('DELETE FROM contents WHERE digest = ?', [digest]);
    for (const file of layers) db.query('DELETE FROM layers WHERE file = ?', [file]);
    return unused;
  });
}
