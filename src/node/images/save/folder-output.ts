import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.ts';
import type { SaveOutput } from './output.ts';
import { outputFailed } from './tar-output.ts';

/** As blobs of a layout and of a directory are called: the name says what is in it. */
const DIGEST_NAME = /(?:^|\/)[0-9a-f]{64}$/;

/** Files in a directory, each whole or not there; what a failure leaves unfinished goes with the scope. */
export class FolderOutput implements SaveOutput {
  readonly #root: string;
  readonly #files: string[] = [];
  readonly #folders: string[] = [];
  #isKept = false;

  constructor(root: string) {
    this.#root = root;
  }

  async file(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.#root, name);
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.size === size && DIGEST_NAME.test(name)) return;
    const fresh = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}`);
    try {
      await writeNew(fresh, content);
      renameSync(fresh, path);
    } catch (error) {
      rmSync(fresh, { force: true });
      // What has a code but no kind is the disk's.
      throw typeof error === 'object' && error !== null && 'syscall' in error ? outputFailed(error) : error;
    }
    if (there === undefined) this.#files.push(path);
  }

  async folder(name: string): Promise<void> {
    const path = join(this.#root, name);
    if (existsSync(path)) return;
    try {
      mkdirSync(path);
      this.#folders.push(path);
    } catch (error) {
      throw outputFailed(error);
    }
    await Promise.resolve();
  }

  /** All of it is there: nothing is taken back. */
  keep(): void {
    this.#isKept = true;
  }

  [Symbol.dispose](): void {
    if (this.#isKept) return;
    this.#isKept = true;
    for (const path of this.#files) rmSync(path, { force: true });
    for (const path of this.#folders.toReversed()) removeEmpty(path);
  }
}

async function writeNew(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o644);
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const { bytesWritten } = await file.write(chunk, at);
      at += bytesWritten;
    }
  }
  await file.sync();
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'ENOENT') throw error;
  }
}
