import { DatabaseSync } from 'node:sqlite';
import { codeOf, imagesError, messageOf } from '../errors.ts';

/** Released by its scope, or by the kernel when its process ends, however it ends. */
export interface Lock {
  [Symbol.dispose](): void;
}

/** Milliseconds; whoever holds a lock that is waited for only looks through a folder. */
const TIMEOUT = 30_000;

/** Waits for a lock on an empty file. Node has no lock call of its own: the locks are SQLite's. */
export function lockOrThrow(path: string): Lock {
  const lock = tryLock(path, TIMEOUT);
  if (lock !== undefined) return lock;
  throw imagesError('STORE_DATABASE_FAILED', `The lock ${path} stayed taken for ${TIMEOUT / 1000} s`);
}

/** undefined if another has it for longer than the time given, in milliseconds. */
export function tryLock(path: string, timeout: number): Lock | undefined {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout });
    // Nothing is ever written, so no journal need appear beside the lock.
    connection.exec('PRAGMA journal_mode = OFF');
    connection.exec('BEGIN EXCLUSIVE');
    return { [Symbol.dispose]: () => connection?.close() };
  } catch (error) {
    connection?.close();
    if (isBusy(error)) return undefined;
    throw imagesError('STORE_UNUSABLE', `The lock ${path} failed: ${messageOf(error)}`, { cause: error });
  }
}

/** SQLITE_BUSY, 5. */
function isBusy(error: unknown): boolean {
  if (codeOf(error) !== 'ERR_SQLITE_ERROR') return false;
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === 5;
}
