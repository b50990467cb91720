import { SysError } from '../kernel/call.ts';
import { MOUNT_ATTR } from '../kernel/constants.ts';
import { ERRNO, errnoName } from '../kernel/errno.ts';
import type { Fd } from '../kernel/files.ts';
import { snapshotError } from './errors.ts';
import { WORK_FOLDER } from './mounts/upper.ts';
import { removeTree } from '../kernel/remove-tree.ts';
import { FileSystemContext } from './mounts/file-system.ts';

export interface OverlayRequest {
  /** Detached mounts or directories, bottom first; at least one. */
  readonly lowers: readonly number[];
  /** Without one the overlay is read-only, and needs two lower layers. */
  readonly upper?: number;
  /** Empty, on the upper's file system. */
  readonly work?: number;
  /** The upper is thrown away after this mount: nothing of it is written out at its end (since Linux 5.10). */
  readonly isVolatile: boolean;
  /** Marks are kept in `user.overlay.`, as inside a user namespace (since Linux 5.11). */
  readonly isUserXattr?: boolean;
}

/**
 * A detached overlay over descriptors alone (lowerdir+, upperdir and workdir by descriptor: since Linux 6.13).
 * One upper belongs to one overlay at a time: the caller holds its lock. Throws SNAPSHOT_OVERLAY_REFUSED.
 */
export function mountOverlay(request: OverlayRequest): Fd {
  const { lowers, upper, work, isVolatile, isUserXattr = false } = request;
  using context = new FileSystemContext('overlay');
  context.setString('source', 'overlay');
  // overlayfs wants the topmost first.
  for (const lower of lowers.toReversed()) setByFd(context, 'lowerdir+', lower);
  if (upper !== undefined) setByFd(context, 'upperdir', upper);
  if (work !== undefined) setByFd(context, 'workdir', work);
  // Explicit, since a kernel's configuration may default to either: an upper that is moved or copied stays usable.
  context.setString('index', 'off');
  context.setString('metacopy', 'off');
  if (isVolatile) context.setFlag('volatile');
  if (isUserXattr) context.setFlag('userxattr');
  const result = context.tryCreate();
  if (result < 0) throw refused(-result, context.lastMessage());
  return context.mount(0);
}

/**
 * After a volatile overlay has ended without the machine's own end between: its files are whole, and it may be
 * mounted once more (Documentation/filesystems/overlayfs.rst, "Volatile mount"). `directory` holds its work folder.
 */
export function mayMountAgain(directory: number): void {
  removeTree(directory, `${WORK_FOLDER}/work/incompat`);
}

/** A detached overlay that nobody can write, over at least two detached mounts or directories, bottom first. */
export function mountReadOnlyOverlay(lowers: readonly number[]): Fd {
  using context = new FileSystemContext('overlay');
  context.setString('source', 'overlay');
  for (const lower of lowers.toReversed()) setByFd(context, 'lowerdir+', lower);
  const result = context.tryCreate();
  if (result < 0) throw refused(-result, context.lastMessage());
  return context.mount(MOUNT_ATTR.RDONLY | MOUNT_ATTR.NODEV);
}

function setByFd(context: FileSystemContext, key: string, fd: number): void {
  const result = context.trySetFd(key, fd);
  if (result === 0) return;
  if (result !== -ERRNO.EINVAL) throw new SysError('fsconfig', -result, key);
  throw refused(-result, `${key} by descriptor needs Linux 6.13: ${context.lastMessage()}`);
}

function refused(errno: number, message: string): Error {
  const why = message === '' ? '' : ` (${message})`;
  return snapshotError(
    'SNAPSHOT_OVERLAY_REFUSED',
    `Mount the overlay of the container: ${errnoName(errno)}${why}`,
  );
}
