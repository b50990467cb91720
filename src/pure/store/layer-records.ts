import type { Digest } from '../base/digest.ts';
import { integerOf, textOf, type Database } from './database.ts';

/** What a layer's tar had besides the content of its files. */
export interface StoredRecord {
  /** The EROFS file, relative to the store's root. */
  readonly layer: string;
  /** The record's file, likewise. */
  readonly file: string;
  /** Bytes of the record. */
  readonly size: number;
}

export function findRecord(db: Database, layer: string): StoredRecord | undefined {
  const row = db.query('SELECT file, size FROM layer_records WHERE layer = ?', [layer])[0];
  return row === undefined ? undefined : { layer, file: textOf(row[0]), size: integerOf(row[1]) };
}

/** Call it in a write transaction, before the file appears. */
export function putRecord(db: Database, { layer, file, size }: StoredRecord): void {
  db.query('INSERT OR REPLACE INTO layer_records (layer, file, size) VALUES (?, ?, ?)', [layer, file, size]);
}

/** An image needs a blob no more; the next collection takes it unless another does. Call it in a write transaction. */
export function dropContent(db: Database, imageId: Digest, digest: Digest): void {
  db.query('DELETE FROM image_contents WHERE image_id = ? AND digest = ?', [imageId, digest]);
}
