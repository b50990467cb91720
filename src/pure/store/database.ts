import { invariant } from '../base/errors.ts';

export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = readonly SqlValue[];

/** A connection to SQLite: one statement a call. Two adapters exist, Node's and the native host's. */
export interface Database {
  query(sql: string, params: readonly SqlValue[]): readonly SqlRow[];
}

/** What changes of the store do to files; paths are relative to the store's root. */
export interface StoreFiles {
  /** Unlinks a file; one that is not there is no error. */
  unlink(file: string): void;
  /** Replaces a file whole: written under another name in the same folder, fsynced, renamed. */
  replace(file: string, text: string): void;
}

/** Runs `work` in a transaction that is the only writer from its first statement; no fork, exec or wait in it. */
export function inWriteTransaction<T>(db: Database, work: () => T): T {
  db.query('BEGIN IMMEDIATE', []);
  try {
    const result = work();
    db.query('COMMIT', []);
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/** SQLite rolls back by itself when the disk is full or fails; the first error is the one to tell. */
function rollBack(db: Database): void {
  try {
    db.query('ROLLBACK', []);
  } catch {
    return;
  }
}

export function textOf(value: SqlValue | undefined): string {
  invariant(typeof value === 'string', 'images.db: a text column holds something else');
  return value;
}

export function textOrNull(value: SqlValue | undefined): string | undefined {
  return value === null ? undefined : textOf(value);
}

/** An integer column; sizes of files stay below 2^53. */
export function integerOf(value: SqlValue | undefined): number {
  invariant(
    typeof value === 'number' || typeof value === 'bigint',
    'images.db: an integer column holds something else',
  );
  return Number(value);
}

/** As inWriteTransaction(), for what a power cut may take back, as who uses what just now: the disk isn't waited for. */
export function inPassingTransaction<T>(db: Database, work: () => T): T {
  db.query('PRAGMA synchronous = NORMAL', []);
  try {
    return inWriteTransaction(db, work);
  } finally {
    db.query('PRAGMA synchronous = FULL', []);
  }
}
