import { SysError, attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { Fd } from '../../kernel/files.ts';
import { isDirectory, isSymlink, statusAt } from '../../kernel/stat.ts';
import { engineError } from '../errors.ts';
import type { Space } from './space.ts';

const SYMLINK_LIMIT = 40;
const PATH_MAX = 4096;
const DOT = new Uint8Array([0x2e, 0]);

/** A name in a directory, which need not be there. */
export interface Named {
  readonly directory: Fd;
  /** With a NUL at its end. */
  readonly name: Uint8Array;
  readonly kind: 'directory' | 'other' | 'missing';
}

export interface Source extends Named {
  /** What it is called where it goes; empty for a directory's content alone. */
  readonly base: string;
}

/** What is copied: a link at the end of the path is itself what is meant, unless it is followed. Throws ENGINE_COPY_PATH_MISSING. */
export function resolveSource(space: Space, path: string, follows: boolean): Source {
  const base = baseOf(path);
  if (isDirectoryWord(path))
    return { directory: openDirectory(space, path), name: DOT, kind: 'directory', base };
  const found = resolveLast(space, path, follows);
  if (found.kind !== 'missing') return { ...found, base };
  found.directory.close();
  throw missing(space, path);
}

export interface Target {
  /** The directory in which things are put. */
  readonly directory: Fd;
  /** What the first of them is called there; undefined for its own name. */
  readonly as: string | undefined;
  /** Whether a file that isn't a directory is there already. */
  readonly isFile: boolean;
}

/** Where it goes: into a directory that is there, or under a name in one. Throws ENGINE_COPY_PATH_MISSING. */
export function resolveTarget(space: Space, path: string, isForDirectory: boolean): Target {
  const found = resolveLast(space, path, true);
  if (found.kind === 'directory') {
    using above = found.directory;
    return { directory: openIn(above.number, found.name, space.show(path)), as: undefined, isFile: false };
  }
  const wantsDirectory = isDirectoryWord(path);
  if (wantsDirectory && !(isForDirectory && found.kind === 'missing')) {
    found.directory.close();
    throw missing(space, path);
  }
  const name = found.name.subarray(0, found.name.length - 1);
  return { directory: found.directory, as: utf8(name), isFile: found.kind === 'other' };
}

/** A path that can only mean a directory. */
function isDirectoryWord(path: string): boolean {
  return path === '' || /(?:^|\/)\.{0,2}$/.test(path);
}

/** Empty where the content of a directory is meant and not itself, as by docker. */
function baseOf(path: string): string {
  if (/(?:^|\/)\.{1,2}$/.test(path)) return '';
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

/** The last name of a path, links followed to what they lead to if asked for. */
function resolveLast(space: Space, path: string, follows: boolean): Named {
  let current = path;
  for (let links = 0; links < SYMLINK_LIMIT; links++) {
    if (follows) {
      const directory = space.open(current, O.PATH | O.DIRECTORY);
      if (directory >= 0) return { directory: new Fd(directory), name: DOT, kind: 'directory' };
      if (directory !== -ERRNO.ENOENT && directory !== -ERRNO.ENOTDIR)
        throw failed(space, current, -directory);
    }
    const found = lookUp(space, current);
    if (!follows || found.link === undefined) return found;
    found.directory.close();
    current = found.link;
  }
  throw failed(space, path, ERRNO.ELOOP);
}

/** With the path that a link leads to. */
function lookUp(space: Space, path: string): Named & { readonly link: string | undefined } {
  const bare = path.replace(/\/+$/, '');
  const cut = bare.lastIndexOf('/') + 1;
  const above = bare.slice(0, cut);
  const directory = openDirectory(space, above === '' ? '.' : above);
  const name = bytes(bare.slice(cut) === '' ? '.' : bare.slice(cut));
  const status = statusAt(directory.number, name);
  if (status === undefined) return { directory, name, kind: 'missing', link: undefined };
  if (isDirectory(status)) return { directory, name, kind: 'directory', link: undefined };
  const target = isSymlink(status) ? readLink(directory.number, name) : undefined;
  const link = target === undefined || target.startsWith('/') ? target : `${above}${target}`;
  return { directory, name, kind: 'other', link };
}

function readLink(directory: number, name: Uint8Array): string {
  const buffer = new Uint8Array(PATH_MAX);
  const length = attempt('readlinkat', directory, name, buffer, buffer.length);
  return utf8(buffer, 0, Math.max(0, length));
}

function openDirectory(space: Space, path: string): Fd {
  const result = space.open(path === '' ? '/' : path, O.PATH | O.DIRECTORY);
  if (result >= 0) return new Fd(result);
  if (result === -ERRNO.ENOENT) throw missing(space, path);
  throw failed(space, path, -result);
}

function openIn(directory: number, name: Uint8Array, shown: string): Fd {
  const result = attempt('openat', directory, name, O.PATH | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC, 0);
  if (result >= 0) return new Fd(result);
  throw new SysError('openat', -result, shown);
}

function missing(space: Space, path: string): Error {
  return engineError(
    'ENGINE_COPY_PATH_MISSING',
    `There is no ${isDirectoryWord(path) ? 'directory' : 'file or directory'} ${space.show(path)}`,
  );
}

function failed(space: Space, path: string, errno: number): Error {
  return new SysError('open', errno, space.show(path));
}
