import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An ext4 in a file of a btrfs: a copy of that file, which btrfs makes at one moment, is what the power's end would
 * leave of the disk. What was only in memory is not in it. All of it lies in memory, for the sake of speed.
 */
export class FragileDisk {
  readonly #folder = mkdtempSync('/dev/shm/corten-power-');
  /** Where it is mounted. */
  readonly path = join(this.#folder, 'disk');
  readonly #outer = join(this.#folder, 'outer');
  #count = 0;

  constructor(megabytes: number) {
    const image = join(this.#folder, 'image');
    for (const folder of [this.path, this.#outer]) mkdirSync(folder);
    run('truncate', '-s', `${megabytes * 20}M`, image);
    run('mkfs.btrfs', '-q', image);
    run('mount', '-o', 'loop', image, this.#outer);
    run('truncate', '-s', `${megabytes}M`, this.#image);
    run('mkfs.ext4', '-q', this.#image);
    run('mount', '-o', 'loop', this.#image, this.path);
  }

  get #image(): string {
    return join(this.#outer, 'disk');
  }

  /** Cuts the power as far as the copy is concerned, whose path this gives. */
  cut(): string {
    const copy = join(this.#outer, `copy-${this.#count++}`);
    run('cp', '--reflink=always', this.#image, copy);
    return copy;
  }

  /** Lazily: namespaces that others made meanwhile may have the mounts too, and end when they end. */
  [Symbol.dispose](): void {
    for (const path of [this.path, this.#outer]) run('umount', '-l', path);
    rmSync(this.#folder, { recursive: true });
  }
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
