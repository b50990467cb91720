import { isCortenError } from '../../../pure/base/errors.ts';
import type { Database } from '../../../pure/store/database.ts';
import { DATABASE_FILE } from '../../../pure/store/layout.ts';
import { openForReading, openForWriting } from '../../../pure/store/schema.ts';
import { attempt } from '../../kernel/call.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { engineError } from '../errors.ts';
import type { Roots } from '../roots.ts';

const READ_ONLY_STORE = 'engine/images/read-only-store.chunk.js';
/** sqlite3_open_v2's SQLITE_OPEN_READWRITE: a database in WAL mode is never only read. */
const READ_WRITE = 2;

/**
 * Runs `work` on images.db and closes it: no connection is ever open across a fork. `none` is the answer of a
 * store without a database, which is an empty one.
 */
export function readingImages<T>(roots: Roots, none: T, work: (db: Database) => T): T {
  return withDatabase(roots, none, (db) => {
    openForReading(db);
    return work(db);
  });
}

export function writingImages<T>(roots: Roots, none: T, work: (db: Database) => T): T {
  return withDatabase(roots, none, (db) => {
    openForWriting(db);
    return work(db);
  });
}

function withDatabase<T>({ store }: Roots, none: T, work: (db: Database) => T): T {
  const path = `${store}/${DATABASE_FILE}`;
  let connection: number;
  try {
    connection = sqliteOpen(path, READ_WRITE);
  } catch (error) {
    if (attempt('access', path, 0) === -ERRNO.ENOENT) return none;
    throw unreadable(path, error);
  }
  try {
    return work({ query: (sql, params) => query(path, connection, { sql, params }) });
  } finally {
    sqliteClose(connection);
  }
}

interface Statement {
  readonly sql: string;
  readonly params: Parameters<Database['query']>[1];
}

function query(path: string, connection: number, { sql, params }: Statement): ReturnType<Database['query']> {
  try {
    return sqliteQuery(connection, sql, params);
  } catch (error) {
    throw isCortenError(error) ? error : unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Error {
  const chunk = load(READ_ONLY_STORE) as typeof import('./read-only-store.chunk.ts');
  const fault = chunk.readOnlyStore(path.slice(0, path.lastIndexOf('/')));
  if (fault !== undefined) return fault;
  const why = error instanceof Error ? error.message : String(error);
  return engineError('ENGINE_STORE_UNREADABLE', `The database ${path} cannot be used: ${why}`, error);
}
