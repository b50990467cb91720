import type { Argument, Syscall } from '../gate.ts';
import { NR } from './numbers.ts';

const FDCWD = -100;
const REMOVEDIR = 0x200;
const SIGCHLD = 17;
const MILLISECONDS = 1000;
const NANOSECONDS = 1_000_000;

/** Enters the kernel: by a later call where this machine never had the one that is meant. */
export const gate: Syscall = (nr, a, b, c, d, e, f) =>
  nr >= 0 ? syscall(nr, a, b, c, d, e, f) : byLater(nr, [a, b, c, d]);

/** Calls whose paths begin in the working directory, and others that say less than those which came after them. */
function byLater(nr: number, [a, b, c, d]: readonly Argument[]): number {
  switch (nr) {
    case NR.open:
      return syscall(NR.openat, FDCWD, a, b, c);
    case NR.access:
      return syscall(NR.faccessat, FDCWD, a, b);
    case NR.mkdir:
      return syscall(NR.mkdirat, FDCWD, a, b);
    case NR.mknod:
      return syscall(NR.mknodat, FDCWD, a, b, c);
    case NR.readlink:
      return syscall(NR.readlinkat, FDCWD, a, b, c);
    case NR.rename:
      return syscall(NR.renameat, FDCWD, a, FDCWD, b);
    case NR.rmdir:
      return syscall(NR.unlinkat, FDCWD, a, REMOVEDIR);
    case NR.symlink:
      return syscall(NR.symlinkat, a, FDCWD, b);
    case NR.unlink:
      return syscall(NR.unlinkat, FDCWD, a, 0);
    case NR.epoll_wait:
      return syscall(NR.epoll_pwait, a, b, c, d, null, 8);
    case NR.fork:
      return syscall(NR.clone, SIGCHLD, 0, null, null, 0);
    case NR.poll:
      return syscall(NR.ppoll, a, b, timespec(Number(c)), null, 8);
    default:
      throw new RangeError(`There is no system call ${nr}`);
  }
}

/** Milliseconds as struct timespec; below zero there is no limit. */
function timespec(milliseconds: number): BigInt64Array | null {
  if (milliseconds < 0) return null;
  const seconds = Math.floor(milliseconds / MILLISECONDS);
  return new BigInt64Array([BigInt(seconds), BigInt((milliseconds % MILLISECONDS) * NANOSECONDS)]);
}
