import { attempt, sys } from '../../kernel/call.ts';
import { CLONE, O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { joinNamespacesOf } from '../../kernel/process.ts';
import { named } from '../errors.ts';

/** Forks into a pid namespace, given as its own descriptor or a process's, and leaves the caller's children where they were. */
export function forkInPidNamespace(namespace: Fd, fork: () => number): number {
  using own = openFile('/proc/self/ns/pid', O.RDONLY);
  named('Join the pid namespace', () => joinNamespacesOf(namespace, CLONE.NEWPID));
  let pid: number | undefined;
  try {
    pid = fork();
    return pid;
  } finally {
    if (pid !== 0) sys('setns', own.number, CLONE.NEWPID);
  }
}

/**
 * Whether we could come back from another pid namespace: root of a user namespace alone has no power over the one that
 * it was born in.
 */
export function canLeavePidNamespace(): boolean {
  using own = openFile('/proc/self/ns/pid', O.RDONLY);
  return attempt('setns', own.number, CLONE.NEWPID) === 0;
}
