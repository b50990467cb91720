import type { Digest } from '../base/digest.ts';
import { integerOf, textOf, type Database } from './database.ts';
import { namesOf } from './names-of.ts';

export interface ImageUsage {
  readonly id: Digest;
  /** Full names. */
  readonly references: readonly string[];
  readonly created: string | undefined;
  /** Bytes of its files in the store, blobs and layers. */
  readonly size: number;
  /** Bytes of those that no other image has. */
  readonly unique: number;
}

export interface StoreUsage {
  readonly images: readonly ImageUsage[];
  /** Bytes of all blobs and layers. */
  readonly size: number;
  /** Bytes of those that no image needs: what ended pulls left, and running ones have brought so far. */
  readonly unneeded: number;
}

const CONTENT_USERS = `SELECT c.digest, c.size, i.image_id FROM contents c LEFT JOIN image_contents i ON i.digest = c.digest`;
const LAYER_USERS = `SELECT l.file, l.size, i.image_id FROM layers l LEFT JOIN image_layers i ON i.file = l.file`;

/** What the store's images take on the disk. */
export function storeUsage(db: Database): StoreUsage {
  const files = new Map<string, { readonly size: number; readonly users: Set<string> }>();
  for (const row of [...db.query(CONTENT_USERS, []), ...db.query(LAYER_USERS, [])]) {
    const [file, size, user] = [textOf(row[0]), integerOf(row[1]), row[2]];
    const known = files.get(file) ?? { size, users: new Set<string>() };
    files.set(file, known);
    if (typeof user === 'string') known.users.add(user);
  }
  const all = [...files.values()];
  const sum = (list: typeof all): number => list.reduce((total, { size }) => total + size, 0);
  const images = db.query('SELECT id, created FROM images ORDER BY created DESC, id', []).map((row) => {
    const id = textOf(row[0]) as Digest;
    const own = all.filter(({ users }) => users.has(id));
    return {
      id,
      references: namesOf(db, id),
      created: row[1] === null ? undefined : textOf(row[1]),
      size: sum(own),
      unique: sum(own.filter(({ users }) => users.size === 1)),
    };
  });
  return { images, size: sum(all), unneeded: sum(all.filter(({ users }) => users.size === 0)) };
}
