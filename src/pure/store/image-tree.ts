import type { ChainId, DiffId } from '../base/digest.ts';
import { textOf, textOrNull, type Database } from './database.ts';
import type { ImageRecord } from './find-image.ts';
import { layersOf } from './layers-of.ts';

/** One layer of an image as a part of the store. */
export interface TreeLayer {
  readonly diffId: DiffId;
  readonly chainId: ChainId;
  /** Bytes of the uncompressed tar. */
  readonly size: number;
  /** Full names of the images that end with this layer, on the same ones below. */
  readonly topOf: readonly string[];
}

export interface DependentImage {
  readonly id: string;
  readonly references: readonly string[];
}

const TOP_OF = `SELECT r.name FROM image_layers l JOIN image_references r ON r.image_id = l.image_id
  WHERE l.chain_id = ? AND l.position = (SELECT max(position) FROM image_layers WHERE image_id = l.image_id)
  ORDER BY r.name`;
const BUILT_ON = `SELECT l.image_id,
  (SELECT group_concat(name, ' ') FROM (SELECT name FROM image_references WHERE image_id = l.image_id ORDER BY name))
  FROM image_layers l WHERE l.chain_id = ? AND l.image_id <> ? ORDER BY l.image_id`;

/** The layers of an image, bottom first. */
export function imageTree(db: Database, { id }: ImageRecord): readonly TreeLayer[] {
  return layersOf(db, id).map(({ diffId, chainId, size }) => ({
    diffId,
    chainId,
    size,
    topOf: db.query(TOP_OF, [chainId]).map((row) => textOf(row[0])),
  }));
}

/** The images that have all layers of this one at their bottom. */
export function imagesBuiltOn(db: Database, { id }: ImageRecord): readonly DependentImage[] {
  const top = layersOf(db, id).at(-1);
  if (top === undefined) return [];
  return db.query(BUILT_ON, [top.chainId, id]).map((row) => ({
    id: textOf(row[0]),
    references: textOrNull(row[1])?.split(' ') ?? [],
  }));
}
