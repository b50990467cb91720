import { attempt, sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { exit, fork, waitFor } from '../kernel/process.ts';

const LAST_FD = 0xffffffff;

/** Has work done in a process that nobody waits for, and that has nothing of ours but the descriptor `kept`. */
export function inBackground(work: () => void, kept?: Fd): void {
  const pid = fork();
  if (pid !== 0) return void waitFor(pid);
  // Nothing may reach the frames of the caller.
  try {
    // Ours is waited for at once, so that the one that works is nobody's child.
    if (fork() === 0) {
      leave(kept?.number ?? 2);
      work();
    }
  } finally {
    exit(0);
  }
}

function leave(kept: number): void {
  sys('setsid');
  const nothing = sys('open', '/dev/null', O.RDWR, 0);
  for (const stream of [0, 1, 2]) sys('dup3', nothing, stream, 0);
  if (kept > 3) attempt('close_range', 3, kept - 1, 0);
  attempt('close_range', kept + 1, LAST_FD, 0);
  sys('chdir', '/');
}
