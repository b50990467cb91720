import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SqlRow } from '../../../pure/store/database.ts';
import { NodeDatabase } from '../disk/node-database.ts';
import { loadImages, type LoadedImage } from '../load.ts';
import { hexOf } from './image-builder.ts';

const TABLES = ['contents', 'layers', 'images', 'image_references', 'image_layers', 'image_contents'];

/** A store in a folder of its own that goes with the scope. */
export class TempStore {
  readonly folder = mkdtempSync(join(tmpdir(), 'corten-test-'));
  /** Doesn't exist before the first load. */
  readonly root = join(this.folder, 'store');

  load(archive: Uint8Array, signal = new AbortController().signal): Promise<readonly LoadedImage[]> {
    // Pieces that are no multiple of anything, as a pipe gives them.
    const input = Readable.from(piecesOf(archive, 40_961));
    return loadImages({ root: this.root, input, signal });
  }

  query(sql: string): readonly SqlRow[] {
    using db = this.openDatabase();
    return db.query(sql, []);
  }

  openDatabase(): NodeDatabase {
    return new NodeDatabase(join(this.root, 'images.db'));
  }

  /** Every file with mode, size and digest, and every row: equal before and after means nothing was left. */
  state(): readonly string[] {
    const rows = existsSync(this.root) ? TABLES.flatMap((table) => this.#rows(table)) : [];
    return [...listing(this.root, ''), ...rows];
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #rows(table: string): readonly string[] {
    return this.query(`SELECT * FROM ${table}`).map((row) => `${table}: ${JSON.stringify(row)}`);
  }
}

function* piecesOf(data: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

function listing(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      const { mode, size } = lstatSync(join(root, path));
      const octal = (mode & 0o7777).toString(8);
      if (lstatSync(join(root, path)).isDirectory()) return [`${path}/ ${octal}`, ...listing(root, path)];
      // The database's own bytes change with each transaction; its rows are compared instead.
      return [
        name.startsWith('images.db')
          ? path
          : `${path} ${octal} ${size} ${hexOf(readFileSync(join(root, path)))}`,
      ];
    });
}
