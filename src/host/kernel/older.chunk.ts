import { SysError, attemptAlone, isSysError, type Argument } from './call.ts';
import { ERRNO } from './errno.ts';
import { Fd } from './files.ts';
import type { SyscallName } from './numbers.ts';
import { cloneProcess } from './older/clone.ts';
import { closeRange } from './older/close-range.ts';
import { moveMount, mountSetattr, openTree } from './older/mount-calls.ts';
import { openInRootByWalking } from './older/open-in-root.ts';
import { openProcessDirectory, signalProcess } from './older/processes.ts';

type Older = (args: readonly Argument[]) => number;

const SUBSTITUTES: Partial<Record<SyscallName, Older>> = {
  clone3: cloneProcess,
  close_range: closeRange,
  mount_setattr: mountSetattr,
  move_mount: moveMount,
  open_tree: openTree,
  openat2: openInRootByWalking,
  pidfd_open: openProcessDirectory,
  pidfd_send_signal: signalProcess,
};

/** Arguments that each call refuses for themselves, before it looks at who calls (EINVAL). */
const SENSELESS: Partial<Record<SyscallName, readonly Argument[]>> = {
  clone3: [null, 0],
  close_range: [1, 0, 0],
  mount_setattr: [-1, null, 0, null, 0],
  move_mount: [-1, null, -1, null, 0xffffffff],
  open_tree: [-1, null, 0xffffffff],
  openat2: [-1, null, null, 0],
  pidfd_open: [0, 0xffffffff],
  pidfd_send_signal: [-1, 0, null, 0xffffffff],
};

const missing = new Map<SyscallName, boolean>();

/**
 * What calls of Linux 5.0 and before give in the place of a recent one: its result or -errno. EPERM is what a
 * kernel says to whoever lacks a right, and what profiles of outer containers say of calls that they don't know:
 * only then is there something to do.
 */
export function substitute(name: SyscallName, result: number, args: readonly Argument[]): number {
  const older = SUBSTITUTES[name];
  if (older === undefined || (result === -ERRNO.EPERM && !isMissing(name))) return result;
  try {
    return older(args);
  } catch (error) {
    if (isSysError(error)) return -error.errno;
    throw error;
  }
}

/** As cloneTree() with the flags of open_tree(2), where detached mounts can't be attached. */
export function stageTree(directory: number, path: string, flags: number): Fd {
  const result = openTree([directory, path, flags]);
  if (result < 0) throw new SysError('open_tree', -result, path);
  return new Fd(result);
}

export { cloneProcess } from './older/clone.ts';
export { joinNamespaces } from './older/join-namespaces.ts';
export { stageNew } from './older/mount-calls.ts';
export { isMountRoot } from './older/mounts-below.ts';
export { hasEnded } from './older/processes.ts';

function isMissing(name: SyscallName): boolean {
  const known = missing.get(name);
  if (known !== undefined) return known;
  const answer = attemptAlone(name, ...(SENSELESS[name] ?? []));
  const isSo = answer === -ERRNO.EPERM || answer === -ERRNO.ENOSYS;
  missing.set(name, isSo);
  return isSo;
}
