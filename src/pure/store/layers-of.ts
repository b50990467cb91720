import type { ChainId, DiffId, Digest } from '../base/digest.ts';
import { integerOf, textOf, type Database } from './database.ts';

export interface LayerRecord {
  readonly diffId: DiffId;
  readonly chainId: ChainId;
  /** The EROFS file, relative to the store's root. */
  readonly file: string;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
}

export interface StoredLayer {
  /** The EROFS file, relative to the store's root. */
  readonly file: string;
  /** Bytes of that file. */
  readonly size: number;
  /** SHA-256 of that file. */
  readonly digest: Digest;
}

const LAYERS = 'SELECT diff_id, chain_id, file, size FROM image_layers WHERE image_id = ? ORDER BY position';

/** The layers of an image, bottom first; none if the store has no such image. */
export function layersOf(db: Database, imageId: Digest): readonly LayerRecord[] {
  return db.query(LAYERS, [imageId]).map((row) => ({
    diffId: textOf(row[0]) as DiffId,
    chainId: textOf(row[1]) as ChainId,
    file: textOf(row[2]),
    size: integerOf(row[3]),
  }));
}

/** The row of one EROFS file. */
export function findLayer(db: Database, file: string): StoredLayer | undefined {
  const row = db.query('SELECT size, digest FROM layers WHERE file = ?', [file])[0];
  return row === undefined ? undefined : { file, size: integerOf(row[0]), digest: textOf(row[1]) as Digest };
}

/** Bytes of the tar that a layer was made of; undefined if no image has it. */
export function tarSizeOf(db: Database, diffId: DiffId): number | undefined {
  const row = db.query('SELECT size FROM image_layers WHERE diff_id = ? LIMIT 1', [diffId])[0];
  return row === undefined ? undefined : integerOf(row[0]);
}
