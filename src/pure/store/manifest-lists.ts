import type { Digest } from '../base/digest.ts';
import type { Annotations, Descriptor, Platform } from '../spec/image.ts';
import { textOf, type Database } from './database.ts';
import { storeError } from './errors.ts';

/** An image in a list. */
export interface ListedImage extends Descriptor {
  readonly platform: Platform;
  readonly osFeatures: readonly string[];
  readonly annotations: Annotations;
  /** Where it is: an image's full name in a registry, or its ID in the store. */
  readonly source: { readonly reference: string } | { readonly image: Digest };
}

/** Images for several platforms under one name, made here and brought to a registry by `manifest push`. */
export interface ManifestList {
  /** A full name. */
  readonly name: string;
  readonly images: readonly ListedImage[];
}

export function findManifestList(db: Database, name: string): ManifestList | undefined {
  // A store that was only read since version 1 has no such table.
  if (db.query("SELECT 1 FROM sqlite_master WHERE name = 'manifest_lists'", []).length === 0)
    return undefined;
  const row = db.query('SELECT content FROM manifest_lists WHERE name = ?', [name])[0];
  // Written by putManifestList() alone.
  return row === undefined ? undefined : (JSON.parse(textOf(row[0])) as ManifestList);
}

/** Throws IMAGE_LIST_NOT_FOUND. */
export function requireManifestList(db: Database, name: string): ManifestList {
  const list = findManifestList(db, name);
  if (list !== undefined) return list;
  throw storeError('IMAGE_LIST_NOT_FOUND', `No list ${name}: corten manifest create makes one`);
}

export function putManifestList(db: Database, list: ManifestList): void {
  const sql = 'INSERT OR REPLACE INTO manifest_lists (name, content) VALUES (?, ?)';
  db.query(sql, [list.name, JSON.stringify(list)]);
}

export function removeManifestList(db: Database, name: string): void {
  requireManifestList(db, name);
  db.query('DELETE FROM manifest_lists WHERE name = ?', [name]);
}
