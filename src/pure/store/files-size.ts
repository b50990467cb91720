import { integerOf, type Database } from './database.ts';

const SIZE = `SELECT (SELECT ifnull(sum(size), 0) FROM contents) + (SELECT ifnull(sum(size), 0) FROM layers)
  + (SELECT ifnull(sum(size), 0) FROM layer_records)`;

/** Bytes of all blobs and layers that the store has. */
export function filesSize(db: Database): number {
  return integerOf(db.query(SIZE, [])[0]?.[0]);
}
