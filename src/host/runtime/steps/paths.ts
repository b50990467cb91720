import { invariant } from '../../../pure/base/errors.ts';
import { SysError, attempt, sys } from '../../kernel/call.ts';
import { MAGIC, O, RESOLVE, S } from '../../kernel/constants.ts';
import { Fd, keptAfter } from '../../kernel/files.ts';
import { openInRoot, tryOpenInRoot } from '../../kernel/mounts.ts';
import { fileSystemOf, isSymlink, statusOf } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';
import type { StepContext } from './context.ts';

const ENOENT = -2;
const ELOOP = -40;
const EEXIST = -17;
const LINK_LIMIT = 40;
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

export function rootOf(context: StepContext): number {
  invariant(context.root !== undefined, 'the root file system is entered first');
  return context.root.number;
}

/** Something in the container's tree as an O_PATH descriptor, or undefined where there is nothing. */
export function openIfThere(root: number, path: string): Fd | undefined {
  const result = tryOpenInRoot(root, path, O.PATH);
  if (result >= 0) return new Fd(result);
  if (result === ENOENT || result === -20) return undefined;
  throw new SysError('openat2', -result, path);
}

/** A directory that no link leads to. */
export function openOrdinaryDirectory(root: number, path: string): Fd {
  const result = tryOpenInRoot(root, path, O.PATH | O.DIRECTORY, RESOLVE.NO_SYMLINKS);
  if (result >= 0) return new Fd(result);
  if (result === ENOENT) return makeInRoot(root, path, { isFile: false, followsLinks: false });
  if (result !== ELOOP) throw new SysError('openat2', -result, path);
  throw runtimeError(
    'RUNTIME_PATH_UNSAFE',
    `The path ${path} in the root file system goes through a symbolic link: it must be mounted on ordinary directory`,
  );
}

/** A place for a mount, made if it is missing: an empty file or a directory. */
export function openMountPoint(root: number, path: string, isFile: boolean): Fd {
  const result = tryOpenInRoot(root, path, O.PATH);
  if (result >= 0) return new Fd(result);
  if (result !== ENOENT) throw new SysError('openat2', -result, path);
  return makeInParent(root, path, isFile) ?? makeInRoot(root, path, { isFile, followsLinks: true });
}

/**
 * A place for a mount that the document asks for. An image's link may lead to /proc, whatever the document calls the
 * place: over its files nothing may lie but what was allowed by name (CVE-2019-19921, CVE-2025-52881).
 */
export function openVolumePoint(root: number, path: string, isFile: boolean): Fd {
  return keptAfter(openMountPoint(root, path, isFile), ({ number }) => {
    if (path === '/proc' || path.startsWith('/proc/') || fileSystemOf(number) !== MAGIC.PROC) return;
    throw runtimeError(
      'RUNTIME_PATH_UNSAFE',
      `The path ${path} in the root file system leads to the proc file system, over which nothing may be mounted`,
    );
  });
}

/** A file that no link leads to at its last name, made if it is missing. */
export function openOrdinaryFile(root: number, path: string): Fd {
  const result = tryOpenInRoot(root, path, O.PATH | O.NOFOLLOW);
  if (result === ENOENT) return makeInRoot(root, path, { isFile: true, followsLinks: false });
  if (result < 0) throw new SysError('openat2', -result, path);
  return keptAfter(new Fd(result), ({ number }) => {
    if (!isSymlink(statusOf(number))) return;
    throw runtimeError(
      'RUNTIME_PATH_UNSAFE',
      `The path ${path} in the root file system is a symbolic link: it must be a plain file`,
    );
  });
}

/** The ordinary case in half the calls: only the last name is missing, in a directory that no link leads to. */
function makeInParent(root: number, path: string, isFile: boolean): Fd | undefined {
  const cut = path.lastIndexOf('/');
  const name = path.slice(cut + 1);
  if (name === '' || name === '.' || name === '..') return undefined;
  const parent = cut <= 0 ? '/' : path.slice(0, cut);
  const found = tryOpenInRoot(root, parent, O.PATH | O.DIRECTORY, RESOLVE.NO_SYMLINKS);
  if (found < 0) return undefined;
  using directory = new Fd(found);
  // A link that leads nowhere is there already, and for makeInRoot() to follow.
  if (makeAt(directory.number, name, isFile) < 0) return undefined;
  return openInRoot(root, path, O.PATH | O.NOFOLLOW, RESOLVE.NO_SYMLINKS);
}

export function openParent(root: number, path: string): { readonly parent: Fd; readonly name: string } {
  const cut = path.lastIndexOf('/');
  const name = path.slice(cut + 1);
  const directory = cut <= 0 ? '/' : path.slice(0, cut);
  const parent = openMountPoint(root, directory, false);
  return { parent, name };
}

interface Making {
  readonly isFile: boolean;
  readonly followsLinks: boolean;
}

/**
 * Walks component by component, each on a descriptor below `root`, and makes what is missing; links are read and
 * resolved by hand, so that one that leads nowhere gets its target made inside the root.
 */
function makeInRoot(root: number, path: string, { isFile, followsLinks }: Making): Fd {
  const pending = path.split('/');
  let at = '';
  let links = 0;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const here = `${at}/${name}`;
    const result = tryOpenInRoot(root, here, O.PATH | O.NOFOLLOW, RESOLVE.NO_SYMLINKS);
    if (result < 0 && result !== ENOENT) throw new SysError('openat2', -result, here);
    if (result === ENOENT) {
      const isLast = pending.every((rest) => rest === '' || rest === '.');
      makeOne(root, { parent: at, name, isFile: isFile && isLast });
      at = here;
      continue;
    }
    using found = new Fd(result);
    if (!isSymlink(statusOf(found.number))) {
      at = here;
      continue;
    }
    if (!followsLinks || ++links > LINK_LIMIT) throw new SysError('openat2', -ELOOP, here);
    const target = readLink(found.number);
    pending.unshift(...target.split('/'));
    if (target.startsWith('/')) at = '';
  }
  return openInRoot(root, at === '' ? '/' : at, O.PATH | O.NOFOLLOW, RESOLVE.NO_SYMLINKS);
}

function makeOne(
  root: number,
  { parent, name, isFile }: { readonly parent: string; readonly name: string; readonly isFile: boolean },
): void {
  using directory = openInRoot(root, parent === '' ? '/' : parent, O.PATH | O.DIRECTORY, RESOLVE.NO_SYMLINKS);
  const made = makeAt(directory.number, name, isFile);
  if (made < 0 && made !== EEXIST)
    throw new SysError(isFile ? 'mknodat' : 'mkdirat', -made, `${parent}/${name}`);
}

function makeAt(directory: number, name: string, isFile: boolean): number {
  return isFile
    ? attempt('mknodat', directory, name, S.IFREG | FILE_MODE, 0)
    : attempt('mkdirat', directory, name, DIRECTORY_MODE);
}

function readLink(link: number): string {
  const buffer = new Uint8Array(4096);
  return utf8(buffer, 0, sys('readlinkat', link, '', buffer, buffer.length));
}
