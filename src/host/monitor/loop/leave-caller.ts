import { attempt, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';

const LAST_FD = 0xffffffff;

/** Leaves the caller's session, standard streams, directory and every other descriptor but those to keep. */
export function leaveCaller(kept: readonly number[]): void {
  sys('setsid');
  const nothing = sys('open', '/dev/null', O.RDWR | O.CLOEXEC);
  for (const fd of [0, 1, 2]) sys('dup3', nothing, fd, 0);
  let next = 3;
  for (const fd of kept.toSorted((a, b) => a - b)) {
    if (fd > next) attempt('close_range', next, fd - 1, 0);
    next = fd + 1;
  }
  attempt('close_range', next, LAST_FD, 0);
  sys('chdir', '/');
}
