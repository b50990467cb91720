import { attempt, sys } from '../../kernel/call.ts';
import { AT, O, S } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { openAt, readDirectoryAt, writeAll, type Fd } from '../../kernel/files.ts';
import { statusAt, statusOf, type FileStatus } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';

const CHUNK = 1 << 17;
const DEEPEST = 200;
const PERMISSIONS = 0o7777;
const LONGEST_LINK = 4096;
const LARGEST_ATTRIBUTES = 1 << 16;

/**
 * Copies the entries of one directory to another, given by descriptors, with owners, permissions and extended
 * attributes. Names are looked up one at a time and no link is followed: the tree may be an image's. Devices and
 * sockets are left out.
 */
export function copyUp(source: number, target: number): void {
  using from = openAt(source, '.', O.RDONLY | O.DIRECTORY);
  using to = openAt(target, '.', O.RDONLY | O.DIRECTORY);
  copyDirectory(from, to, 0);
}

function copyDirectory(from: Fd, to: Fd, depth: number): void {
  if (depth > DEEPEST) {
    throw runtimeError('RUNTIME_PATH_UNSAFE', `The directory to copy is deeper than ${DEEPEST} levels`);
  }
  for (const name of readDirectoryAt(from.number)) {
    const status = statusAt(from.number, name);
    if (status !== undefined) copyEntry({ from, to, name, status }, depth);
  }
}

interface Entry {
  readonly from: Fd;
  readonly to: Fd;
  readonly name: string;
  readonly status: FileStatus;
}

function copyEntry(entry: Entry, depth: number): void {
  const { to, name, status } = entry;
  switch (status.mode & S.IFMT) {
    case S.IFDIR:
      sys('mkdirat', to.number, name, 0o700);
      return copyOpen(entry, O.RDONLY | O.DIRECTORY, (inner, made) => copyDirectory(inner, made, depth + 1));
    case S.IFREG:
      return copyOpen(entry, O.WRONLY | O.CREAT | O.EXCL, copyContent);
    case S.IFLNK:
      return copyLink(entry);
    case S.IFIFO:
      sys('mknodat', to.number, name, S.IFIFO | 0o600, 0);
      sys('fchownat', to.number, name, status.uid, status.gid, AT.SYMLINK_NOFOLLOW);
      sys('fchmodat', to.number, name, status.mode & PERMISSIONS);
  }
}

function copyOpen({ from, to, name, status }: Entry, flags: number, copy: (from: Fd, to: Fd) => void): void {
  const kind = status.mode & S.IFMT;
  const directory = kind === S.IFDIR ? O.DIRECTORY : 0;
  using inner = openAt(from.number, name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK | directory);
  const { mode, uid, gid } = statusOf(inner.number);
  using made = openAt(to.number, name, flags | O.NOFOLLOW, 0o600);
  copy(inner, made);
  sys('fchown', made.number, uid, gid);
  sys('fchmod', made.number, mode & PERMISSIONS);
  copyAttributes(inner.number, made.number);
}

function copyContent(from: Fd, to: Fd): void {
  const buffer = new Uint8Array(CHUNK);
  for (;;) {
    const count = sys('read', from.number, buffer, buffer.length);
    if (count === 0) return;
    writeAll(to.number, buffer.subarray(0, count));
  }
}

function copyLink({ from, to, name, status }: Entry): void {
  const buffer = new Uint8Array(LONGEST_LINK);
  const length = sys('readlinkat', from.number, name, buffer, buffer.length - 1);
  // As bytes: a link's target need not be UTF-8. The zero behind it ends it.
  sys('symlinkat', buffer.subarray(0, length + 1), to.number, name);
  sys('fchownat', to.number, name, status.uid, status.gid, AT.SYMLINK_NOFOLLOW);
}

/** As far as the other file system has any. */
function copyAttributes(from: number, to: number): void {
  const buffer = new Uint8Array(LARGEST_ATTRIBUTES);
  const length = attempt('flistxattr', from, buffer, buffer.length);
  const names = length > 0 ? utf8(buffer, 0, length).split('\0').filter(Boolean) : [];
  for (const name of names) {
    const size = attempt('fgetxattr', from, name, buffer, buffer.length);
    if (size < 0) continue;
    const result = attempt('fsetxattr', to, name, buffer, size, 0);
    if (result < 0 && result !== -ERRNO.EOPNOTSUPP) sys('fsetxattr', to, name, buffer, size, 0);
  }
}
