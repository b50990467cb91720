import type { ErofsInode } from '../../../pure/archive/erofs-reader.ts';
import { SysError, attempt, isSysError, sys } from '../../kernel/call.ts';
import { AT, S } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { deviceNumber } from '../../kernel/stat.ts';
import { terminated, xattrsAt } from '../../kernel/xattrs.ts';
import { snapshotError } from '../errors.ts';

export interface NodeMeta {
  readonly inode: ErofsInode;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

export function deviceOf({ device }: ErofsInode): number {
  return deviceNumber(device.major, device.minor);
}

/** Owner, attributes, mode and times of an open file, in the order in which none undoes another. */
export function describeFile(fd: number, { inode, xattrs }: NodeMeta): void {
  own(inode, () => sys('fchown', fd, inode.uid, inode.gid));
  sys('fchmod', fd, inode.mode & 0o7777);
  for (const [name, value] of xattrs)
    checkXattr(name, attempt('fsetxattr', fd, terminated(name), value, value.length, 0));
  sys('utimensat', fd, null, timesOf(inode), 0);
}

/** As describeFile(), and what the directory had of attributes before goes. */
export function describeDirectory(fd: number, meta: NodeMeta): void {
  sys('fchdir', fd);
  for (const name of xattrsAt('.').keys()) {
    // Labels of security modules are the machine's own.
    if (!meta.xattrs.has(name) && name !== 'security.selinux') attempt('lremovexattr', '.', terminated(name));
  }
  describeFile(fd, meta);
}

/** As describeFile(), of a name that is not opened: a symbolic link, a pipe or a device. */
export function describeNode(directory: number, name: Uint8Array, { inode, xattrs }: NodeMeta): void {
  own(inode, () => sys('fchownat', directory, name, inode.uid, inode.gid, AT.SYMLINK_NOFOLLOW));
  const isLink = (inode.mode & S.IFMT) === S.IFLNK;
  if (!isLink) sys('fchmodat', directory, name, inode.mode & 0o7777);
  if (xattrs.size > 0) {
    sys('fchdir', directory);
    for (const [key, value] of xattrs)
      checkXattr(key, attempt('lsetxattr', name, terminated(key), value, value.length, 0));
  }
  sys('utimensat', directory, name, timesOf(inode), AT.SYMLINK_NOFOLLOW);
}

function own({ uid, gid }: ErofsInode, chown: () => void): void {
  try {
    chown();
  } catch (error) {
    if (!isSysError(error, 'EINVAL')) throw error;
    const text = `A file of the image belongs to ${uid}:${gid}, which this user namespace does not map: give it more IDs in /etc/subuid and /etc/subgid`;
    throw snapshotError('SNAPSHOT_ID_UNMAPPED', text, error);
  }
}

/**
 * `user.` attributes are for files and directories alone: an image may give them to others, where no file system but
 * a read-only one takes them. In a user namespace `trusted.` and most of `security.` are not to be had.
 */
function checkXattr(name: string, result: number): void {
  if (result >= 0 || result === -ERRNO.EPERM || result === -ERRNO.EOPNOTSUPP) return;
  throw new SysError('fsetxattr', -result, name);
}

/** struct timespec, twice: nobody keeps access times. */
function timesOf({ mtime }: ErofsInode): BigInt64Array {
  const [seconds, nanoseconds] = [BigInt(mtime.seconds), BigInt(mtime.nanoseconds)];
  return new BigInt64Array([seconds, nanoseconds, seconds, nanoseconds]);
}
