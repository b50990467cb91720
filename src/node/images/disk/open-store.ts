import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { isCortenError } from '../../../pure/base/errors.ts';
import { collectGarbage } from '../../../pure/store/collect-garbage.ts';
import { inWriteTransaction, type Database, type StoreFiles } from '../../../pure/store/database.ts';
import { formatIndex } from '../../../pure/store/index-json.ts';
import {
  BLOBS_FOLDER,
  DATABASE_FILE,
  INDEX_FILE,
  LAYERS_FOLDER,
  OCI_LAYOUT_FILE,
  OCI_LAYOUT_TEXT,
  TMP_FOLDER,
} from '../../../pure/store/layout.ts';
import { openForWriting } from '../../../pure/store/schema.ts';
import { codeOf, imagesError, messageOf } from '../errors.ts';
import { NodeDatabase } from './node-database.ts';
import { createStoreFiles } from './store-files.ts';

/** A store open for writing. */
export interface Store {
  readonly root: string;
  readonly db: Database;
  readonly files: StoreFiles;
  [Symbol.dispose](): void;
}

/** Opens the store at an absolute path, with whatever is missing of it made first. */
export function openStore(root: string): Store {
  if (!isAbsolute(root)) {
    throw imagesError(
      'STORE_UNUSABLE',
      `The store's path ${JSON.stringify(root)} is not absolute: CORTEN_STORE names it`,
    );
  }
  try {
    makeFolders(root);
  } catch (error) {
    if (codeOf(error) === undefined || isCortenError(error)) throw error;
    const text = `The store ${root} can't be made: ${messageOf(error)}`;
    throw imagesError('STORE_UNUSABLE', text, { cause: error });
  }
  const db = new NodeDatabase(join(root, DATABASE_FILE));
  try {
    openForWriting(db);
    const files = createStoreFiles(root);
    makeLayout(root, db, files);
    return { root, db, files, [Symbol.dispose]: () => db[Symbol.dispose]() };
  } catch (error) {
    db[Symbol.dispose]();
    throw error;
  }
}

/** Removes what a load that failed or was killed in its last step left in place, and makes index.json true again. */
export function repairStore({ db, files }: Store): void {
  collectGarbage(db, files);
  inWriteTransaction(db, () => files.replace(INDEX_FILE, formatIndex(db)));
}

function makeFolders(root: string): void {
  makeFolder(dirname(root), 0o755);
  makeFolder(root, 0o700);
  checkOwner(root);
  for (const folder of [dirname(BLOBS_FOLDER), BLOBS_FOLDER, LAYERS_FOLDER, TMP_FOLDER]) {
    makeFolder(join(root, folder), 0o700);
  }
}

/** With the folders above it. Node's own recursive mkdir never ends where the kernel refuses by ENOENT, as in /proc. */
function makeFolder(path: string, mode: number): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), 0o755);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another loader, at the same time.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Whoever else may write a store decides what the kernel is given to mount. */
function checkOwner(root: string): void {
  const { uid, mode } = statSync(root);
  if (uid === process.geteuid?.() && (mode & 0o022) === 0) return;
  const text = `The store ${root} belongs to another user or others may write it: chown it and set mode 700`;
  throw imagesError('STORE_UNUSABLE', text);
}

function makeLayout(root: string, db: Database, files: StoreFiles): void {
  if (existsSync(join(root, INDEX_FILE)) && existsSync(join(root, OCI_LAYOUT_FILE))) return;
  inWriteTransaction(db, () => {
    files.replace(OCI_LAYOUT_FILE, OCI_LAYOUT_TEXT);
    files.replace(INDEX_FILE, formatIndex(db));
  });
}
