import { keepLeasesOf, forgetRecent } from '../../../pure/store/leases.ts';
import { TMP_FOLDER } from '../../../pure/store/layout.ts';
import type { Database } from '../../../pure/store/database.ts';
import { attempt, isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, readDirectoryAt } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { isDirectory, statusAt } from '../../kernel/stat.ts';
import type { Roots } from '../roots.ts';

const SESSION_NAME = /^[0-9a-f]{32}$/;
const LOCK_NAME = /^([0-9a-f]{64})\.lock$/;
const COMMON_LOCK = 'lock';
/** Milliseconds; whoever holds the common lock only looks through a folder. */
const PATIENCE = 30_000;
/** sqlite3_open_v2's SQLITE_OPEN_READWRITE and SQLITE_OPEN_CREATE. */
const READ_WRITE = 2;
const CREATE = 4;

export interface Leftovers {
  /** Bytes of files that were removed. */
  readonly freed: number;
}

/**
 * Removes what loads and pulls that were ended left for those after them: folders of dead ones, parts of blobs, and
 * leases on layers that came whole. Those that run keep theirs. The collection that follows takes the layers.
 */
export function sweepLeftovers({ store }: Roots, db: Database): Leftovers {
  const folder = `${store}/${TMP_FOLDER}`;
  const opened = attempt('open', folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC, 0);
  if (opened < 0) return { freed: 0 };
  attempt('close', opened);
  return (
    locked(`${folder}/${COMMON_LOCK}`, PATIENCE, () => {
      using tmp = openFile(folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
      const names = readDirectoryAt(tmp.number);
      let freed = 0;
      const remove = (name: string): void => {
        freed += sizeOf(tmp.number, name);
        removeTree(tmp.number, name);
      };
      const sessions = names.filter((name) => SESSION_NAME.test(name));
      const dead = sessions.filter((name) => locked(`${folder}/${name}/lock`, 0, () => true) === true);
      for (const name of dead) remove(name);
      keepLeasesOf(
        db,
        sessions.filter((name) => !dead.includes(name)),
      );
      forgetRecent(db);
      for (const name of names) {
        const hex = LOCK_NAME.exec(name)?.[1];
        if (hex === undefined) continue;
        locked(`${folder}/${name}`, 0, () => {
          remove(`${hex}.part`);
          remove(name);
        });
      }
      return { freed };
    }) ?? { freed: 0 }
  );
}

/** Does work with a lock that the Node program knows, which is SQLite's on an empty file; undefined if it is taken. */
function locked<T>(path: string, patience: number, work: () => T): T | undefined {
  let connection: number;
  try {
    connection = sqliteOpen(path, READ_WRITE | CREATE);
  } catch {
    // Its folder is gone meanwhile.
    return undefined;
  }
  try {
    if (!take(connection, patience)) return undefined;
    return work();
  } finally {
    sqliteClose(connection);
  }
}

function take(connection: number, patience: number): boolean {
  try {
    sqliteQuery(connection, `PRAGMA busy_timeout = ${patience}`, []);
    sqliteQuery(connection, 'PRAGMA journal_mode = OFF', []);
    sqliteQuery(connection, 'BEGIN EXCLUSIVE', []);
    return true;
  } catch (error) {
    if (error instanceof Error && /locked|busy/i.test(error.message)) return false;
    throw error;
  }
}

/** Of a file, or of all files in a folder. */
function sizeOf(directory: number, name: string): number {
  const status = statusAt(directory, name);
  if (status === undefined) return 0;
  if (!isDirectory(status)) return status.size;
  try {
    using inner = openFile(`/proc/self/fd/${directory}/${name}`, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    return readDirectoryAt(inner.number).reduce((sum, entry) => sum + sizeOf(inner.number, entry), 0);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return 0;
    throw error;
  }
}
