import { textOf, type Database } from './database.ts';

/** The full names of an image, sorted. */
export function namesOf(db: Database, imageId: string): readonly string[] {
  const rows = db.query('SELECT name FROM image_references WHERE image_id = ? ORDER BY name', [imageId]);
  return rows.map((row) => textOf(row[0]));
}
