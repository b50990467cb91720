import { createReadStream, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../pure/base/digest.ts';
import { collectGarbage } from '../../pure/store/collect-garbage.ts';
import { inWriteTransaction, integerOf, textOf } from '../../pure/store/database.ts';
import { formatIndex } from '../../pure/store/index-json.ts';
import { blobFile, BLOBS_FOLDER, INDEX_FILE, LAYERS_FOLDER } from '../../pure/store/layout.ts';
import { namesOf } from '../../pure/store/names-of.ts';
import { DigestStream } from './archive/digest-stream.ts';
import { inSession, type Working } from './disk/in-session.ts';
import { repairStore } from './disk/open-store.ts';

export interface CheckOptions {
  /** The store's root, absolute. */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly isRepairing: boolean;
  /** Whether sizes are enough. */
  readonly isQuick: boolean;
}

export interface Fault {
  readonly text: string;
  /** What was done about it; undefined if nothing. */
  readonly repaired: string | undefined;
}

export interface CheckReport {
  readonly faults: readonly Fault[];
  readonly images: number;
  readonly files: number;
  readonly bytes: number;
}

/** A file that the database lists. */
interface ListedFile {
  /** Relative to the store's root. */
  readonly file: string;
  readonly size: number;
  readonly digest: Digest;
  /** Images that need it, by ID. */
  readonly users: readonly Digest[];
}

/**
 * Compares the store with what its database says, in both directions, and reads every file unless that is spared. A
 * damaged file is removed by a repair, and the next pull or load of its image brings it anew.
 */
export async function checkStore(options: CheckOptions): Promise<CheckReport> {
  return await inSession(options, async (working) => {
    const { store } = working;
    const listed = listedFiles(working);
    const faults: Fault[] = [...databaseFaults(working), ...strangers(working, options)];
    for (const file of listed) {
      options.signal.throwIfAborted();
      const what = await faultOf(working, file, options.isQuick);
      if (what !== undefined)
        faults.push(repairFile(working, { file, what, isRepairing: options.isRepairing }));
    }
    faults.push(...recordFaults(working, options.isRepairing));
    faults.push(...indexFaults(working, options.isRepairing));
    if (options.isRepairing) collectGarbage(store.db, store.files);
    return {
      faults,
      images: integerOf(store.db.query('SELECT count(*) FROM images', [])[0]?.[0]),
      files: listed.length,
      bytes: listed.reduce((sum, { size }) => sum + size, 0),
    };
  });
}

const CONTENTS = 'SELECT digest, size FROM contents ORDER BY digest';
const LAYERS = 'SELECT file, size, digest FROM layers ORDER BY file';

function listedFiles({ store: { db } }: Working): readonly ListedFile[] {
  const usersOf = (sql: string, key: string): readonly Digest[] =>
    db.query(sql, [key]).map((row) => textOf(row[0]) as Digest);
  const blobs = db.query(CONTENTS, []).map((row): ListedFile => {
    const digest = textOf(row[0]) as Digest;
    const users = usersOf('SELECT image_id FROM image_contents WHERE digest = ?', digest);
    return { file: blobFile(digest), size: integerOf(row[1]), digest, users };
  });
  const layers = db.query(LAYERS, []).map((row): ListedFile => {
    const file = textOf(row[0]);
    const users = usersOf('SELECT DISTINCT image_id FROM image_layers WHERE file = ?', file);
    return { file, size: integerOf(row[1]), digest: textOf(row[2]) as Digest, users };
  });
  return [...blobs, ...layers];
}

async function faultOf(
  { store: { root } }: Working,
  { file, size, digest }: ListedFile,
  isQuick: boolean,
): Promise<string | undefined> {
  const path = join(root, file);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return 'is missing';
  if (there.size !== size) return `has ${there.size} bytes and not ${size}`;
  if (isQuick) return undefined;
  const sum = new DigestStream();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    sum.update(chunk as Uint8Array);
  const found = sum.digest();
  return found === digest ? undefined : `is damaged (it has digest ${found})`;
}

interface DamagedFile {
  readonly file: ListedFile;
  readonly what: string;
  readonly isRepairing: boolean;
}

function repairFile({ store }: Working, { file: listed, what, isRepairing }: DamagedFile): Fault {
  const { file, users } = listed;
  const images = users.map((id) => namesOf(store.db, id)[0] ?? id);
  const text = `${file} ${what}${images.length === 0 ? '' : `, and belongs to ${images.join(', ')}`}`;
  if (!isRepairing) return { text, repaired: undefined };
  rmSync(join(store.root, file), { force: true });
  const again = images.length === 0 ? '' : `; pull or load ${images.join(' and ')} again`;
  return { text, repaired: `removed${again}` };
}

/** Files that the database knows nothing of. */
function strangers({ store }: Working, { isRepairing }: CheckOptions): readonly Fault[] {
  return [BLOBS_FOLDER, LAYERS_FOLDER].flatMap((folder) =>
    readdirSync(join(store.root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !isKnown(store, `${folder}/${entry.name}`))
      .map(({ name }) => {
        const text = `${folder}/${name} belongs to nothing`;
        if (!isRepairing) return { text, repaired: undefined };
        // Rows come before files: under the write lock nobody is between the two.
        const isGone = inWriteTransaction(store.db, () => {
          if (isKnown(store, `${folder}/${name}`)) return false;
          rmSync(join(store.root, folder, name), { force: true });
          return true;
        });
        return { text, repaired: isGone ? 'removed' : 'it belongs to something by now' };
      }),
  );
}

function isKnown({ db }: Working['store'], file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const [sql, key] = file.startsWith(BLOBS_FOLDER)
    ? ['SELECT 1 FROM contents WHERE digest = ?', `sha256:${name}`]
    : ['SELECT 1 FROM layers WHERE file = ?1 UNION SELECT 1 FROM layer_records WHERE file = ?1', file];
  return db.query(sql, [key]).length > 0;
}

function databaseFaults({ store: { db } }: Working): readonly Fault[] {
  const words = db.query('PRAGMA integrity_check', []).map((row) => textOf(row[0]));
  const keys = db.query('PRAGMA foreign_key_check', []).length;
  return [
    ...words.filter((text) => text !== 'ok').map((text) => `images.db is damaged: ${text}`),
    ...(keys === 0 ? [] : [`images.db has ${keys} rows that refer to nothing`]),
  ].map((text) => ({ text, repaired: undefined }));
}

const RECORDS = 'SELECT layer, file, size FROM layer_records ORDER BY file';

/** What tars had besides their files; one that is gone leaves a layer that runs, and can be pulled again. */
function recordFaults({ store }: Working, isRepairing: boolean): readonly Fault[] {
  return store.db.query(RECORDS, []).flatMap((row): readonly Fault[] => {
    const [layer, file, size] = [textOf(row[0]), textOf(row[1]), integerOf(row[2])];
    const there = statSync(join(store.root, file), { throwIfNoEntry: false });
    if (there?.size === size) return [];
    const text = `${file} ${there === undefined ? 'is missing' : `has ${there.size} bytes and not ${size}`}`;
    if (!isRepairing) return [{ text, repaired: undefined }];
    inWriteTransaction(store.db, () => {
      rmSync(join(store.root, file), { force: true });
      store.db.query('DELETE FROM layer_records WHERE layer = ?', [layer]);
    });
    return [{ text, repaired: 'forgotten; a pull with keep_blobs = "yes" brings the blob of its layer' }];
  });
}

function indexFaults({ store }: Working, isRepairing: boolean): readonly Fault[] {
  const path = join(store.root, INDEX_FILE);
  const isRight = inWriteTransaction(store.db, () => readFileSync(path, 'utf8') === formatIndex(store.db));
  if (isRight) return [];
  if (isRepairing) repairStore(store);
  return [
    {
      text: `${INDEX_FILE} says something else than the database`,
      repaired: isRepairing ? 'written anew' : undefined,
    },
  ];
}
