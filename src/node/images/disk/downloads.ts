import { chmodSync, closeSync, constants, existsSync, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestHex, type Digest } from '../../../pure/base/digest.ts';
import { TMP_FOLDER } from '../../../pure/store/layout.ts';
import { lockOrThrow, tryLock, type Lock } from './lock.ts';

/** Milliseconds between two looks at a blob that another process fetches. */
const PATIENCE = 100;
/** Milliseconds that a blob of which only a part came waits for the rest. */
const KEPT = 24 * 60 * 60 * 1000;
const LOCK_NAME = /^([0-9a-f]{64})\.lock$/;

/** The lock that is held while locks are made, removed or taken. */
export const COMMON_LOCK = 'lock';

export interface Wanted {
  readonly root: string;
  readonly digest: Digest;
  readonly signal: AbortSignal;
}

/**
 * A blob on its way into the store, fetched by one process at a time. What has come stays when the process ends, and
 * the next goes on from there.
 */
export class Download {
  readonly path: string;
  /** Open for reading and writing. */
  readonly fd: number;
  /** Bytes that are there already. */
  readonly there: number;
  readonly #lock: Lock;
  readonly #name: string;

  /** `name` is the path of both files without what tells them apart. */
  private constructor(name: string, lock: Lock) {
    const path = `${name}.part`;
    this.#name = name;
    this.path = path;
    this.#lock = lock;
    // One that was whole and about to be published when its process was killed may not be written any more.
    if (existsSync(path)) chmodSync(path, 0o600);
    this.fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    this.there = fstatSync(this.fd).size;
  }

  /** Waits as long as another process fetches the same blob. */
  static async begin({ root, digest, signal }: Wanted): Promise<Download> {
    const tmp = join(root, TMP_FOLDER);
    const name = join(tmp, digestHex(digest));
    for (;;) {
      const lock = take(tmp, `${name}.lock`);
      if (lock !== undefined) return new Download(name, lock);
      await sleep(PATIENCE, undefined, { signal });
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    using _common = lockOrThrow(join(dirname(this.path), COMMON_LOCK));
    // Of what is published or thrown away, or never came, nothing stays.
    if ((statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) === 0) {
      for (const path of [this.path, `${this.#name}.lock`]) rmSync(path, { force: true });
    }
    this.#lock[Symbol.dispose]();
  }
}

/** A lock's file may be removed, but only under the common lock: so it is taken under that too. */
function take(tmp: string, path: string): Lock | undefined {
  using _common = lockOrThrow(join(tmp, COMMON_LOCK));
  return tryLock(path, 0);
}

/** Removes locks that nobody holds, and parts whose rest nobody came for. Call it under the common lock. */
export function sweepDownloads(tmp: string, names: readonly string[], kept = KEPT): void {
  for (const name of names) {
    const hex = LOCK_NAME.exec(name)?.[1];
    const lock = hex === undefined ? undefined : tryLock(join(tmp, name), 0);
    if (hex === undefined || lock === undefined) continue;
    using _lock = lock;
    const part = join(tmp, `${hex}.part`);
    const status = statSync(part, { throwIfNoEntry: false });
    if (status !== undefined && Date.now() - status.mtimeMs < kept) continue;
    rmSync(part, { force: true });
    rmSync(join(tmp, name));
  }
}
