import { isSysError, sys, type Argument } from '../../kernel/call.ts';
import type { Fd } from '../../kernel/files.ts';
import { cloneTree } from '../../kernel/mounts.ts';
import type { SyscallName } from '../../kernel/numbers.ts';
import { snapshotError } from '../errors.ts';

/** A call of the mount interface of Linux 5.2, without which nothing is mounted detached. Throws SNAPSHOT_CALL_MISSING. */
export function mountCall(name: SyscallName, ...args: readonly Argument[]): number {
  return orMissing(() => sys(name, ...(args as [Argument?, Argument?, Argument?, Argument?, Argument?])));
}

/** As cloneTree(). Throws SNAPSHOT_CALL_MISSING. */
export function copyOfMount(directory: number, path: string, isRecursive: boolean): Fd {
  return orMissing(() => cloneTree(directory, path, isRecursive));
}

/** What a step gives, where the calls of that interface are there. */
function orMissing<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!isSysError(error, 'ENOSYS', 'EPERM')) throw error;
    const text = `Root file systems are mounted by ${error.syscall}(2), which this kernel lacks or the seccomp profile of an outer container refuses: it takes Linux 5.2, and there the calls fsopen, fsconfig, fsmount, open_tree and move_mount`;
    throw snapshotError('SNAPSHOT_CALL_MISSING', text, error);
  }
}
