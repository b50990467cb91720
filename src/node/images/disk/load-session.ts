import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TMP_FOLDER } from '../../../pure/store/layout.ts';
import { codeOf, imagesError, messageOf } from '../errors.ts';
import { FileSealer } from './file-sealer.ts';

const LOCK_FILE = 'lock';
const SESSION_NAME = /^[0-9a-f]{32}$/;
/** Milliseconds; whoever holds the common lock only looks through a folder. */
const COMMON_LOCK_TIMEOUT = 30_000;

export interface OpenedFile {
  readonly path: string;
  readonly fd: number;
}

/**
 * The folder of one running loader, `tmp/<random>/`, with a lock that the kernel drops when its process ends, however
 * it ends. Opening one removes the folders whose lock nobody holds. Node has no lock call of its own: the locks
 * are SQLite's on empty files.
 */
export class LoadSession {
  readonly folder: string;
  /** Folders of dead loaders that were removed. */
  readonly swept: number;
  /** Flushes the session's files while others are still made. */
  readonly sealer = new FileSealer();
  readonly #lock: Lock;
  #files = 0;
  #open = true;

  constructor(root: string) {
    const tmp = join(root, TMP_FOLDER);
    // Making a folder and locking it is one step for others, who sweep under the same lock.
    using _common = lockOrThrow(join(tmp, LOCK_FILE));
    this.swept = sweep(tmp);
    this.folder = join(tmp, randomBytes(16).toString('hex'));
    mkdirSync(this.folder, { mode: 0o700 });
    this.#lock = lockOrThrow(join(this.folder, LOCK_FILE));
  }

  /** A new file of mode 0600, open for reading and writing; the caller closes it. */
  createFile(): OpenedFile {
    const path = join(this.folder, String(this.#files++));
    return { path, fd: openSync(path, 'wx+', 0o600) };
  }

  /** Removes the folder with all that is left in it; idempotent. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    rmSync(this.folder, { recursive: true, force: true });
    this.#lock[Symbol.dispose]();
  }
}

interface Lock {
  [Symbol.dispose](): void;
}

function sweep(tmp: string): number {
  const dead = readdirSync(tmp).filter((name) => SESSION_NAME.test(name) && isDead(join(tmp, name)));
  for (const name of dead) rmSync(join(tmp, name), { recursive: true, force: true });
  return dead.length;
}

function isDead(folder: string): boolean {
  const lock = tryLock(join(folder, LOCK_FILE), 0);
  lock?.[Symbol.dispose]();
  return lock !== undefined;
}

function lockOrThrow(path: string): Lock {
  const lock = tryLock(path, COMMON_LOCK_TIMEOUT);
  if (lock !== undefined) return lock;
  throw imagesError(
    'STORE_DATABASE_FAILED',
    `The lock ${path} stayed taken for ${COMMON_LOCK_TIMEOUT / 1000} s`,
  );
}

function tryLock(path: string, timeout: number): Lock | undefined {
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
