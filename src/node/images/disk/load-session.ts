import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TMP_FOLDER } from '../../../pure/store/layout.ts';
import { COMMON_LOCK, sweepDownloads } from './downloads.ts';
import { FileSealer } from './file-sealer.ts';
import { lockOrThrow, tryLock, type Lock } from './lock.ts';

const LOCK_FILE = 'lock';
const SESSION_NAME = /^[0-9a-f]{32}$/;

export interface OpenedFile {
  readonly path: string;
  readonly fd: number;
}

/**
 * The folder of one running loader, `tmp/<random>/`, with a lock that the kernel drops when its process ends, however
 * it ends. Opening one removes the folders whose lock nobody holds.
 */
export class LoadSession {
  readonly folder: string;
  /** Folders of dead loaders that were removed. */
  readonly swept: number;
  /** Flushes the session's files while others are still made. */
  readonly sealer = new FileSealer();
  readonly #lock: Lock;
  readonly #kept = new DisposableStack();
  #files = 0;
  #open = true;

  /** `onlyLiving` gets the names of all sessions that live, and no other is made while it runs. */
  constructor(root: string, onlyLiving: (names: readonly string[]) => void = () => undefined) {
    const tmp = join(root, TMP_FOLDER);
    // Making a folder and locking it is one step for others, who sweep under the same lock.
    using _common = lockOrThrow(join(tmp, COMMON_LOCK));
    const { dead, living } = sweep(tmp);
    this.swept = dead.length;
    this.folder = join(tmp, randomBytes(16).toString('hex'));
    mkdirSync(this.folder, { mode: 0o700 });
    this.#lock = lockOrThrow(join(this.folder, LOCK_FILE));
    onlyLiving([...living, this.name]);
  }

  /** What the session is called, as the holder of leases. */
  get name(): string {
    return basename(this.folder);
  }

  /** A new file of mode 0600, open for reading and writing; the caller closes it. */
  createFile(): OpenedFile {
    const path = join(this.folder, String(this.#files++));
    return { path, fd: openSync(path, 'wx+', 0o600) };
  }

  /** Disposes of something with the session, unless that has happened before. */
  keepUntilEnd(thing: Disposable): void {
    this.#kept.use(thing);
  }

  /** Removes the folder with all that is left in it; idempotent. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#kept.dispose();
    rmSync(this.folder, { recursive: true, force: true });
    this.#lock[Symbol.dispose]();
  }
}

interface Swept {
  readonly dead: readonly string[];
  readonly living: readonly string[];
}

function sweep(tmp: string): Swept {
  const names = readdirSync(tmp);
  const { dead = [], living = [] } = Object.groupBy(
    names.filter((name) => SESSION_NAME.test(name)),
    (name) => (isDead(join(tmp, name)) ? 'dead' : 'living'),
  );
  for (const name of dead) rmSync(join(tmp, name), { recursive: true, force: true });
  sweepDownloads(tmp, names);
  return { dead, living };
}

function isDead(folder: string): boolean {
  const lock = tryLock(join(folder, LOCK_FILE), 0);
  lock?.[Symbol.dispose]();
  return lock !== undefined;
}
