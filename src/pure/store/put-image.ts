import type { Digest } from '../base/digest.ts';
import type { Database } from './database.ts';
import type { LayerRecord, StoredLayer } from './layers-of.ts';

export interface StoredBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly mediaType: string;
}

export interface StoredFiles {
  readonly blobs: readonly StoredBlob[];
  readonly layers: readonly StoredLayer[];
}

export interface NewImage {
  readonly manifestDigest: Digest;
  /** Also the image's ID. */
  readonly configDigest: Digest;
  /** The configuration's JSON text. */
  readonly config: string;
  readonly created: string | undefined;
  /** Bottom first. */
  readonly layers: readonly LayerRecord[];
  /** Every blob that the image needs: manifest, configuration, layers as they came. */
  readonly contents: readonly Digest[];
  /** Full names. */
  readonly references: readonly string[];
}

/**
 * Says which files are about to appear. Committed before they do, so that whatever a crash leaves behind has its
 * row and the next collection removes it. Call it in a write transaction of its own.
 */
export function announceFiles(db: Database, files: StoredFiles): void {
  for (const { digest, size, mediaType } of files.blobs) {
    const sql = 'INSERT OR IGNORE INTO contents (digest, size, media_type) VALUES (?, ?, ?)';
    db.query(sql, [digest, size, mediaType]);
  }
  for (const { file, size, digest } of files.layers) {
    db.query('INSERT OR IGNORE INTO layers (file, size, digest) VALUES (?, ?, ?)', [file, size, digest]);
  }
}

/** Whether every announced row is still there: a collection may have come between. */
export function areAnnounced(db: Database, files: StoredFiles): boolean {
  const has = (sql: string, key: string) => db.query(sql, [key]).length > 0;
  return (
    files.blobs.every(({ digest }) => has('SELECT 1 FROM contents WHERE digest = ?', digest)) &&
    files.layers.every(({ file }) => has('SELECT 1 FROM layers WHERE file = ?', file))
  );
}

/** Records the layer file that replaced another under the same name. */
export function recordLayer(db: Database, { file, size, digest }: StoredLayer): void {
  db.query('UPDATE layers SET size = ?, digest = ? WHERE file = ?', [size, digest, file]);
}

/**
 * Adds an image, whose files are in place by now, and gives it its names, taking them from whoever had them.
 * Call it in a write transaction. An image that the store has already keeps its manifest and blobs.
 */
export function putImage(db: Database, image: NewImage): void {
  const id = image.configDigest;
  const known = db.query('SELECT manifest_digest FROM images WHERE id = ?', [id])[0];
  if (known === undefined) insertImage(db, image);
  // Blobs that were given up, and came again.
  else if (known[0] === image.manifestDigest) insertContents(db, image);
  for (const name of image.references) {
    db.query('INSERT OR REPLACE INTO image_references (name, image_id) VALUES (?, ?)', [name, id]);
  }
}

function insertImage(db: Database, image: NewImage): void {
  const id = image.configDigest;
  const size = image.layers.reduce((sum, layer) => sum + layer.size, 0);
  db.query(
    'INSERT INTO images (id, manifest_digest, config_digest, created, size, config) VALUES (?, ?, ?, ?, ?, ?)',
    [id, image.manifestDigest, image.configDigest, image.created ?? null, size, image.config],
  );
  for (const [position, layer] of image.layers.entries()) {
    db.query(
      'INSERT INTO image_layers (image_id, position, diff_id, chain_id, file, size) VALUES (?, ?, ?, ?, ?, ?)',
      [id, position, layer.diffId, layer.chainId, layer.file, layer.size],
    );
  }
  insertContents(db, image);
}

function insertContents(db: Database, image: NewImage): void {
  for (const digest of new Set(image.contents)) {
    const sql = 'INSERT OR IGNORE INTO image_contents (image_id, digest) VALUES (?, ?)';
    db.query(sql, [image.configDigest, digest]);
  }
}
