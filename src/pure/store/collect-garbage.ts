import type { Digest } from '../base/digest.ts';
import { inWriteTransaction, textOf, type Database, type StoreFiles } from './database.ts';
import { blobFile } from './layout.ts';
import { currentTime } from './leases.ts';

const UNUSED_CONTENTS = `SELECT digest FROM contents c WHERE NOT EXISTS
  (SELECT 1 FROM image_contents WHERE digest = c.digest) AND NOT EXISTS (SELECT 1 FROM leases WHERE item = c.digest)`;
const UNUSED_LAYERS = `SELECT file FROM layers l WHERE NOT EXISTS
  (SELECT 1 FROM image_layers WHERE file = l.file) AND NOT EXISTS (SELECT 1 FROM leases WHERE item = l.file)`;

/**
 * Unlinks every blob and layer that no image needs and no lease keeps, inside one transaction: a loader moves its
 * files into place under the same lock, and so never loses one that it counts on. Returns what it unlinked.
 */
export function collectGarbage(db: Database, files: StoreFiles): readonly string[] {
  return inWriteTransaction(db, () => {
    db.query('DELETE FROM leases WHERE expires <= ?', [currentTime()]);
    const digests = db.query(UNUSED_CONTENTS, []).map((row) => textOf(row[0]) as Digest);
    const layers = db.query(UNUSED_LAYERS, []).map((row) => textOf(row[0]));
    const records = layers.flatMap((layer) => recordsOf(db, layer));
    const unused = [...digests.map(blobFile), ...layers, ...records];
    for (const file of unused) files.unlink(file);
    for (const digest of digests) db.query('DELETE FROM contents WHERE digest = ?', [digest]);
    for (const file of layers) {
      db.query('DELETE FROM layer_records WHERE layer = ?', [file]);
      db.query('DELETE FROM layers WHERE file = ?', [file]);
    }
    return unused;
  });
}

function recordsOf(db: Database, layer: string): readonly string[] {
  return db.query('SELECT file FROM layer_records WHERE layer = ?', [layer]).map((row) => textOf(row[0]));
}
