import type { IdShift } from '../../../pure/spec/id-shift.ts';
import type { TarEntry } from '../../../pure/archive/tar-entry.ts';
import { SysError, attempt, sys } from '../../kernel/call.ts';
import { AT } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { terminated } from '../../kernel/xattrs.ts';

const SET_ID = 0o6000;
const USER_XATTR = 'user.';

/** How much of what a file is goes along with it. */
export interface Keeping {
  /** Owner, set-ID bits, devices and all attributes; else who copies owns what comes. */
  readonly isArchive: boolean;
  /** Whether it comes from a container to the host: nothing then gains power by it, unless asked for. */
  readonly isForHost: boolean;
  /** What the owners are where it comes to; as they are unless given. */
  readonly ids?: IdShift | undefined;
}

/** Owner, mode, attributes and times of an open file, in the order in which none undoes another. */
export function describeFile(fd: number, entry: TarEntry, keeping: Keeping): void {
  const { uid, gid } = ownerOf(entry, keeping);
  sys('fchown', fd, uid, gid);
  sys('fchmod', fd, modeOf(entry, keeping));
  for (const [name, value] of xattrsOf(entry, keeping)) {
    checkXattr(name, attempt('fsetxattr', fd, terminated(name), value, value.length, 0));
  }
  sys('utimensat', fd, null, timesOf(entry), 0);
}

/** As describeFile(), of a name that is not opened: a symbolic link, a pipe or a device. */
export function describeNode(directory: number, name: Uint8Array, { entry, keeping }: NodeMeta): void {
  const { uid, gid } = ownerOf(entry, keeping);
  sys('fchownat', directory, name, uid, gid, AT.SYMLINK_NOFOLLOW);
  if (entry.type !== 'symlink') sys('fchmodat', directory, name, modeOf(entry, keeping));
  sys('utimensat', directory, name, timesOf(entry), AT.SYMLINK_NOFOLLOW);
}

export interface NodeMeta {
  readonly entry: TarEntry;
  readonly keeping: Keeping;
}

export function setTimes(fd: number, entry: TarEntry): void {
  sys('utimensat', fd, null, timesOf(entry), 0);
}

function ownerOf(
  entry: TarEntry,
  { isArchive, ids }: Keeping,
): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = isArchive ? entry : { uid: attempt('geteuid'), gid: attempt('getegid') };
  return ids === undefined ? { uid, gid } : { uid: ids.uid(uid), gid: ids.gid(gid) };
}

function modeOf({ mode, type }: TarEntry, { isArchive, isForHost }: Keeping): number {
  // A directory's set-group-ID bit is no power, but says whose its files are.
  const isPower = isForHost && !isArchive && type !== 'directory';
  return isPower ? mode & ~SET_ID : mode;
}

function xattrsOf({ xattrs }: TarEntry, { isArchive }: Keeping): readonly (readonly [string, Uint8Array])[] {
  return [...xattrs].filter(([name]) => isArchive || name.startsWith(USER_XATTR));
}

/** A file system need not have attributes of every kind. */
function checkXattr(name: string, result: number): void {
  if (result >= 0 || result === -ERRNO.EPERM || result === -ERRNO.EOPNOTSUPP) return;
  throw new SysError('fsetxattr', -result, name);
}

/** struct timespec, twice: nobody keeps access times. */
function timesOf({ mtime }: TarEntry): BigInt64Array {
  const [seconds, nanoseconds] = [BigInt(mtime.seconds), BigInt(mtime.nanoseconds)];
  return new BigInt64Array([seconds, nanoseconds, seconds, nanoseconds]);
}
