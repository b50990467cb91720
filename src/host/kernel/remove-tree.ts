import { SysError, attempt, sys } from './call.ts';
import { AT, O, RESOLVE } from './constants.ts';
import { namesIn } from './directory-names.ts';
import { ERRNO } from './errno.ts';
import { Fd } from './files.ts';

/** Directories that are open at once; what lies deeper is moved up first. */
const MAX_DEPTH = 64;
/** At a tree in which another process goes on making files. */
const MOST_LOOKS = 100;
/** include/uapi/linux/fs.h */
const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const UNDELETABLE = 0x10 | 0x20;

/**
 * Removes a tree that is ours, whatever a container left in it: names of any bytes, any depth, immutable files.
 * Never follows a link; throws EXDEV where something is mounted in it.
 */
export function removeTree(directory: number, name: string | Uint8Array): void {
  const cut = typeof name === 'string' ? name.lastIndexOf('/') : -1;
  if (typeof name === 'string' && cut >= 0) {
    // Up to its parent a path may cross mounts.
    const opened = attempt(
      'openat',
      directory,
      name.slice(0, cut) || '/',
      O.PATH | O.DIRECTORY | O.CLOEXEC,
      0,
    );
    if (opened === -ERRNO.ENOENT) return;
    if (opened < 0) throw new SysError('openat', -opened, name);
    using parent = new Fd(opened);
    return removeTree(parent.number, name.slice(cut + 1));
  }
  if (tryUnlink(directory, name)) return;
  {
    using top = openHere(directory, name);
    // What was moved up, or made meanwhile, is found at the next look.
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      while (empty(top.number, top.number, 0) > 0);
      if (tryRemoveEmpty(directory, name)) return;
    }
  }
  throw new SysError('unlinkat', ERRNO.ENOTEMPTY, typeof name === 'string' ? name : '');
}

/** The number of names that were there. */
function empty(directory: number, top: number, depth: number): number {
  const entries = namesIn(directory);
  for (const { name } of entries) {
    if (tryUnlink(directory, name)) continue;
    if (depth >= MAX_DEPTH) {
      moveUp(directory, name, top);
      continue;
    }
    {
      using inner = openHere(directory, name);
      empty(inner.number, top, depth + 1);
    }
    // What somebody makes in it meanwhile is found at the next look.
    tryRemoveEmpty(directory, name);
  }
  sys('lseek', directory, 0, 0);
  return entries.length;
}

/** False for a directory. */
function tryUnlink(directory: number, name: string | Uint8Array): boolean {
  const result = unlink(directory, name, 0);
  if (result === 0 || result === -ERRNO.ENOENT) return true;
  if (result === -ERRNO.EISDIR) return false;
  throw new SysError('unlinkat', -result, typeof name === 'string' ? name : '');
}

/** False where somebody else has made something in it. */
function tryRemoveEmpty(directory: number, name: string | Uint8Array): boolean {
  const result = unlink(directory, name, AT.REMOVEDIR);
  if (result === -ERRNO.ENOTEMPTY) return false;
  if (result < 0) throw new SysError('unlinkat', -result, typeof name === 'string' ? name : '');
  return true;
}

/** unlinkat(2), though chattr(1) protects the file or its directory. */
function unlink(directory: number, name: string | Uint8Array, flags: number): number {
  const result = attempt('unlinkat', directory, name, flags);
  if (result !== -ERRNO.EPERM) return result;
  const opened = attempt('openat', directory, name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.CLOEXEC, 0);
  using file = new Fd(opened);
  for (const fd of [directory, file.number]) makeDeletable(fd);
  return attempt('unlinkat', directory, name, flags);
}

function makeDeletable(fd: number): void {
  const flags = new Uint32Array(2);
  if (fd < 0 || attempt('ioctl', fd, FS_IOC_GETFLAGS, flags) < 0) return;
  flags[0] = (flags[0] ?? 0) & ~UNDELETABLE;
  attempt('ioctl', fd, FS_IOC_SETFLAGS, flags);
}

function openHere(directory: number, name: string | Uint8Array): Fd {
  const how = new BigUint64Array(3);
  how[0] = BigInt(O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC);
  how[2] = BigInt(RESOLVE.NO_XDEV | RESOLVE.NO_MAGICLINKS);
  return new Fd(sys('openat2', directory, name, how, 24));
}

function moveUp(directory: number, name: Uint8Array, top: number): void {
  for (let number = 0; ; number++) {
    const result = attempt('renameat', directory, name, top, `\x01moved-up-${number}`);
    if (result === 0) return;
    if (result !== -ERRNO.EEXIST && result !== -ERRNO.ENOTEMPTY && result !== -ERRNO.ENOTDIR) {
      throw new SysError('renameat', -result, '');
    }
  }
}
