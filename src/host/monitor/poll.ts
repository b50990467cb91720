import { SysError, attempt } from '../kernel/call.ts';
import { ERRNO } from '../kernel/errno.ts';

/** A descriptor that a loop waits on. */
export interface Watch {
  readonly fd: number;
  /** POLL flags; 0 waits for errors and hang-ups alone. */
  readonly events: number;
  /** Called with the POLL flags that came. */
  readonly ready: (events: number) => void;
}

/** Waits for any of them, then calls each that is ready; false when the time (ms, -1 for none) ran out. */
export function pollOnce(watches: readonly Watch[], timeout: number): boolean {
  // struct pollfd: an int, then two shorts, the kernel's answer in the upper one.
  const table = new Int32Array(watches.length * 2);
  watches.forEach(({ fd, events }, index) => {
    table[index * 2] = fd;
    table[index * 2 + 1] = events;
  });
  const count = attempt('poll', table, watches.length, timeout);
  if (count === -ERRNO.EINTR) return true;
  if (count < 0) throw new SysError('poll', -count, '');
  watches.forEach(({ ready }, index) => {
    const came = (table[index * 2 + 1] ?? 0) >>> 16;
    if (came !== 0) ready(came);
  });
  return count > 0;
}
