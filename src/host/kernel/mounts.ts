import { SysError, attempt, isSysError, sys } from './call.ts';
import {
  AT,
  FSCONFIG,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  MOUNT_ATTR,
  MOVE_MOUNT,
  O,
  OPEN_TREE,
  RESOLVE,
} from './constants.ts';
import { ERRNO } from './errno.ts';
import { Fd } from './files.ts';
import { olderCalls } from './older.ts';
import { avoidsDetached, hasOwnMounts } from './own-mounts.ts';

// Structures are made anew for each call only where their content differs: these calls are the hot path.
const HOW = new BigUint64Array(3);

/** A rename or mount anywhere on the machine while ".." is resolved makes the kernel unsure: EAGAIN, openat2(2). */
const LIMIT_AGAIN = 10_000;

/** openat2(2) confined to `root`: `..`, absolute links and names resolve as after chroot(2). The descriptor or -errno. */
export function tryOpenInRoot(root: number, path: string, flags: number, resolve = 0): number {
  HOW[0] = BigInt(flags | O.CLOEXEC);
  HOW[2] = BigInt(RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS | resolve);
  let result = attempt('openat2', root, path, HOW, 24);
  for (let again = 0; result === -ERRNO.EAGAIN && again < LIMIT_AGAIN; again++) {
    result = attempt('openat2', root, path, HOW, 24);
  }
  return result;
}

/** As `tryOpenInRoot`, or throws. */
export function openInRoot(root: number, path: string, flags: number, resolve = 0): Fd {
  const result = tryOpenInRoot(root, path, flags, resolve);
  if (result < 0) throw new SysError('openat2', -result, path);
  return new Fd(result);
}

/** A detached copy of what is mounted at a path or descriptor (open_tree(2), since Linux 5.2). */
export function cloneTree(directory: number, path: string, isRecursive: boolean): Fd {
  const empty = path === '' ? AT.EMPTY_PATH : 0;
  const flags = OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | empty | (isRecursive ? AT.RECURSIVE : 0);
  if (avoidsDetached()) return olderCalls().stageTree(directory, path, flags);
  return new Fd(sys('open_tree', directory, path, flags));
}

/** Attaches a detached mount to the very file or directory that `target` is (move_mount(2), since Linux 5.2). */
export function attachMount(mount: number, target: number): void {
  sys('move_mount', mount, '', target, '', MOVE_MOUNT.F_EMPTY_PATH | MOVE_MOUNT.T_EMPTY_PATH);
}

export interface MountAttributes {
  /** MOUNT_ATTR_ flags. */
  readonly set: number;
  readonly clear: number;
  /** One of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, or 0. */
  readonly propagation?: number;
  readonly isRecursive?: boolean;
  /** With MOUNT_ATTR_IDMAP: the user namespace whose mappings it shows. */
  readonly userNamespace?: number;
}

/** mount_setattr(2), since Linux 5.12, of the mount that the descriptor is the root of. */
export function setMountAttributes(mount: number, attributes: MountAttributes): void {
  const { set, clear, propagation = 0, isRecursive = false, userNamespace = 0 } = attributes;
  // A new access-time mode wants the whole field cleared first.
  const cleared = (set & MOUNT_ATTR.ATIME) !== 0 ? clear | MOUNT_ATTR.ATIME : clear;
  const words = new BigUint64Array([
    BigInt(set),
    BigInt(cleared),
    BigInt(propagation),
    BigInt(userNamespace),
  ]);
  sys('mount_setattr', mount, '', AT.EMPTY_PATH | (isRecursive ? AT.RECURSIVE : 0), words, 32);
}

export interface NewMount {
  readonly type: string;
  /** Its parameters, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** MOUNT_ATTR_ flags. */
  readonly attributes: number;
}

/** A new file system as a detached mount (fsopen(2), since Linux 5.2). */
export function newMount({ type, parameters, attributes }: NewMount): Fd {
  try {
    using context = new Fd(sys('fsopen', type, FSOPEN_CLOEXEC));
    for (const [name, value] of Object.entries(parameters)) {
      sys('fsconfig', context.number, FSCONFIG.SET_STRING, name, value, 0);
    }
    sys('fsconfig', context.number, FSCONFIG.CMD_CREATE, null, null, 0);
    return new Fd(sys('fsmount', context.number, FSMOUNT_CLOEXEC, attributes));
  } catch (error) {
    if (!hasOwnMounts() || !isSysError(error, 'ENOSYS', 'EPERM')) throw error;
    return olderCalls().stageNew(type, parameters, attributes);
  }
}
