import { attempt, attemptAlone, retry, sys, type Argument } from '../call.ts';
import { CLONE, O } from '../constants.ts';
import { ERRNO } from '../errno.ts';
import { Fd, openAt } from '../files.ts';

/** Words of struct clone_args, clone(2). */
const FLAGS = 0;
const EXIT_SIGNAL = 4;
const CGROUP = 10;

/** clone3(2) as fork(2) by clone(2), which has its child in the parent's cgroup. */
export function cloneProcess([words]: readonly Argument[]): number {
  if (!(words instanceof BigUint64Array)) return -ERRNO.EINVAL;
  const flags = words[FLAGS] ?? 0n;
  const plain = (flags & ~BigInt(CLONE.INTO_CGROUP)) | (words[EXIT_SIGNAL] ?? 0n);
  const isInto = (flags & BigInt(CLONE.INTO_CGROUP)) !== 0n;
  return isInto ? intoCgroup(plain, Number(words[CGROUP] ?? 0n)) : bare(plain);
}

function bare(flags: bigint): number {
  return attemptAlone('clone', flags, 0, null, null, 0);
}

/** The child waits until it has been moved; one that can't be ends without having done anything. */
function intoCgroup(flags: bigint, cgroup: number): number {
  const ends = new Uint32Array(2);
  sys('pipe2', ends, O.CLOEXEC);
  using wait = new Fd(ends[0] ?? -1);
  using go = new Fd(ends[1] ?? -1);
  const pid = bare(flags);
  if (pid === 0) {
    go.close();
    if (attempt('read', wait.number, new Uint8Array(1), 1) !== 1) for (;;) attempt('exit_group', 1);
    return 0;
  }
  if (pid < 0) return pid;
  const moved = moveTo(cgroup, pid);
  if (moved === 0) sys('write', go.number, '!', 1);
  go.close();
  // A child of our parent's (CLONE_PARENT) is not ours to wait for.
  if (moved !== 0 && (flags & BigInt(CLONE.PARENT)) === 0n) retry('wait4', pid, null, 0, null);
  return moved === 0 ? pid : moved;
}

function moveTo(cgroup: number, pid: number): number {
  using members = openAt(cgroup, 'cgroup.procs', O.WRONLY);
  const text = String(pid);
  const written = attempt('write', members.number, text, text.length);
  return written < 0 ? written : 0;
}
