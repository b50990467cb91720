import { chmod, open } from 'node:fs/promises';

/**
 * Makes whole files read-only and flushes them, one after another and beside other work: a flush takes one of the few
 * threads that inflate layers too.
 */
export class FileSealer {
  readonly #paths = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  /** Begins with a file that won't change any more; failures show in finish(). */
  begin(path: string): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    this.#last = this.#last.then(() => seal(path));
    // Whoever fails elsewhere meanwhile never asks.
    this.#last.catch(() => undefined);
  }

  /** Waits until all those files have mode 0400 and lie on the disk. */
  async finish(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.begin(path);
    await this.#last;
  }
}

async function seal(path: string): Promise<void> {
  await chmod(path, 0o400);
  await using file = await open(path, 'r');
  await file.sync();
}
