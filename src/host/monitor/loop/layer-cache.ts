import { attempt } from '../../kernel/call.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { O } from '../../kernel/constants.ts';

const FIRST_MS = 1000;
const LAST_MS = 512_000;
/** include/uapi/linux/fadvise.h */
const FADV_DONTNEED = 4;

/**
 * What is read of a layer is in memory twice: as pages of the mounted file system, which goes with its last container,
 * and as pages of the layer's file, from which the next container starts fast. A container that stays needs the
 * second no more, so they are given back: after a second, when it has read what it needs to start, and then after
 * times that double, ten in all.
 */
export class LayerCache {
  readonly #files: readonly string[];
  #interval = FIRST_MS;
  /** On the monotonic clock, when trim() is to be called; undefined for never. */
  dueAt: number | undefined;

  constructor(files: readonly string[]) {
    this.#files = files;
    this.dueAt = files.length === 0 ? undefined : monotonicMs() + FIRST_MS;
  }

  trim(): void {
    for (const file of this.#files) {
      const fd = attempt('open', file, O.RDONLY | O.NOFOLLOW | O.CLOEXEC, 0);
      if (fd < 0) continue;
      attempt('fadvise64', fd, 0, 0, FADV_DONTNEED);
      attempt('close', fd);
    }
    this.dueAt = this.#interval >= LAST_MS ? undefined : monotonicMs() + this.#interval;
    this.#interval *= 2;
  }
}
