import type { Digest } from '../base/digest.ts';
import { integerOf, textOf, textOrNull, type Database, type SqlRow } from './database.ts';
import { storeError } from './errors.ts';
import { formatReference, referencesMeant, type Reference } from './reference.ts';

/** All that a container needs of an image, in one row. */
export interface ImageRecord {
  /** The digest of the configuration. */
  readonly id: Digest;
  readonly manifestDigest: Digest;
  /** The configuration's JSON text, byte for byte as its blob. */
  readonly config: string;
  /** RFC 3339, as the configuration says. */
  readonly created: string | undefined;
  /** Bytes of all layers, uncompressed. */
  readonly size: number;
  /** EROFS files, relative to the store's root, bottom first. */
  readonly layers: readonly string[];
}

// The layers come as one column, so that a start of a container asks once.
const COLUMNS = `SELECT i.id, i.manifest_digest, i.config, i.created, i.size,
  (SELECT group_concat(file, ' ') FROM
    (SELECT file FROM image_layers WHERE image_id = i.id ORDER BY position))
  FROM images i`;
const BY_NAME = `${COLUMNS} WHERE i.id = (SELECT image_id FROM image_references WHERE name = ?)`;
const BY_ID = `${COLUMNS} WHERE i.id >= ? AND i.id <= ? LIMIT 2`;
const BY_DIGEST = `${COLUMNS} WHERE i.manifest_digest = ? AND EXISTS (SELECT 1 FROM image_references
  WHERE image_id = i.id AND (substr(name, 1, length(?) + 1) IN (? || ':', ? || '@')))`;

const ID = /^(?:sha256:)?([0-9a-f]{1,64})$/;

/**
 * The image that a user means: by name (`hello`, `hello:1`, `host/a/b@sha256:…`), by ID or by the first digits of
 * one. A name wins over an ID. Throws if the name is invalid or the digits fit more than one image.
 */
export function findImage(db: Database, reference: string): ImageRecord | undefined {
  const digits = ID.exec(reference)?.[1];
  const isId = digits !== undefined && (digits.length === 64 || reference.startsWith('sha256:'));
  const named = isId ? undefined : findByName(db, reference);
  return named ?? (digits === undefined ? undefined : findById(db, digits));
}

/** As findImage(), but an image that is missing is an error. */
export function requireImage(db: Database, reference: string): ImageRecord {
  const image = findImage(db, reference);
  if (image !== undefined) return image;
  const text = `No image ${JSON.stringify(reference)} in the store: corten images lists them, corten pull brings one`;
  throw storeError('IMAGE_NOT_FOUND', text, { data: { reference } });
}

function findByName(db: Database, text: string): ImageRecord | undefined {
  for (const meant of referencesMeant(text)) {
    // Beside a digest a tag says nothing, and no name in the store has both.
    const reference = meant.digest === undefined ? meant : { ...meant, tag: undefined };
    const row = db.query(BY_NAME, [formatReference(reference)])[0] ?? rowByDigest(db, reference);
    if (row !== undefined) return toImage(row);
  }
  return undefined;
}

/** Whoever loaded `a:1` may ask for `a@sha256:…`, the same manifest by its digest. */
function rowByDigest(db: Database, { domain, path, digest }: Reference): SqlRow | undefined {
  if (digest === undefined) return undefined;
  const name = `${domain}/${path}`;
  return db.query(BY_DIGEST, [digest, name, name, name])[0];
}

function findById(db: Database, digits: string): ImageRecord | undefined {
  const [row, second] = db.query(BY_ID, [`sha256:${digits}`, `sha256:${digits}g`]);
  if (second !== undefined) {
    throw storeError('IMAGE_AMBIGUOUS', `More than one image ID begins with ${digits}: give more digits`);
  }
  return row === undefined ? undefined : toImage(row);
}

function toImage(row: SqlRow): ImageRecord {
  const layers = textOrNull(row[5]);
  return {
    id: textOf(row[0]) as Digest,
    manifestDigest: textOf(row[1]) as Digest,
    config: textOf(row[2]),
    created: textOrNull(row[3]),
    size: integerOf(row[4]),
    layers: layers === undefined ? [] : layers.split(' '),
  };
}
