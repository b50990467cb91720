import { invariant } from '../../../pure/base/errors.ts';
import { SysError, attempt, sys, type Argument } from '../call.ts';
import { MAGIC, O, RESOLVE } from '../constants.ts';
import { ERRNO } from '../errno.ts';
import { keptAfter, openAt, type Fd } from '../files.ts';
import { areOnOneMount } from './mounts-below.ts';
import { fileSystemOf, isDirectory, isSymlink, statusOf } from '../stat.ts';

/** As the kernel's own, path_resolution(7). */
const LINK_LIMIT = 40;
const LONGEST_LINK = 4096;
const HERE = O.PATH | O.NOFOLLOW;

/**
 * openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS, one name at a time: each is opened without following
 * it, links are read and resolved by hand, and `..` goes back to a descriptor that is held, never to whatever the
 * tree has above by now. So nothing that is moved meanwhile leads out of the root.
 */
export function openInRootByWalking([root, path, how]: readonly Argument[]): number {
  if (!(how instanceof BigUint64Array)) return -ERRNO.EINVAL;
  const flags = Number(how[0]);
  const resolve = Number(how[2]);
  if ((flags & O.CREAT) !== 0) return -ERRNO.ENOSYS;
  if ((resolve & RESOLVE.IN_ROOT) === 0) return openName([root, path, flags, resolve]);
  if (typeof path !== 'string') return -ERRNO.ENOSYS;
  if (path === '') return -ERRNO.ENOENT;
  using walk = new Walk(Number(root), (resolve & RESOLVE.NO_SYMLINKS) === 0);
  const found = walk.open(path, flags);
  if ((resolve & RESOLVE.NO_XDEV) !== 0 && !walk.isOnOneMount(found.number)) {
    found.close();
    return -ERRNO.EXDEV;
  }
  return found.release();
}

const SLASH = '/'.charCodeAt(0);

/** One name in a directory, be it of any bytes, that is not followed: with no links and nothing above it needs no walk. */
function openName([directory, path, flags, resolve]: readonly Argument[]): number {
  const name = typeof path === 'string' ? bytes(path) : path;
  if (!(name instanceof Uint8Array) || name.includes(SLASH)) return -ERRNO.ENOSYS;
  const isLinkTaken = ((Number(flags) & O.NOFOLLOW) | (Number(resolve) & RESOLVE.NO_SYMLINKS)) !== 0;
  if (!isLinkTaken) return -ERRNO.ENOSYS;
  if (utf8(name) === '..\0') return -ERRNO.EXDEV;
  const result = attempt('openat', directory, name, Number(flags) | O.NOFOLLOW, 0);
  if (result < 0 || (Number(resolve) & RESOLVE.NO_XDEV) === 0) return result;
  if (areOnOneMount([Number(directory), result])) return result;
  attempt('close', result);
  return -ERRNO.EXDEV;
}

class Walk {
  /** From the root to where we are; a file only at the end. */
  readonly #held: Fd[];
  readonly #followsLinks: boolean;
  #links = 0;
  readonly #root: number;

  constructor(root: number, followsLinks: boolean) {
    this.#root = root;
    this.#held = [openAt(root, '.', O.PATH | O.DIRECTORY)];
    this.#followsLinks = followsLinks;
  }

  open(path: string, flags: number): Fd {
    const pending = path.split('/');
    let name = '.';
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      if (next === '' || next === '.' || next === '..') {
        this.#requireDirectory(path);
        if (next !== '..') continue;
        this.#goBack();
        name = '.';
        continue;
      }
      const isLast = pending.length === 0;
      name = this.#enter(next, pending, isLast && (flags & O.NOFOLLOW) !== 0);
    }
    if ((flags & O.DIRECTORY) !== 0) this.#requireDirectory(path);
    return (flags & O.PATH) === 0 ? this.#reopen(name, flags) : this.#take();
  }

  /** Whether all that was gone through, and what was found, is of the root's own mount. */
  isOnOneMount(found: number): boolean {
    return areOnOneMount([this.#root, ...this.#held.map(({ number }) => number), found]);
  }

  get #here(): number {
    return this.#held.at(-1)?.number ?? -1;
  }

  #requireDirectory(path: string): void {
    if (!isDirectory(statusOf(this.#here))) throw this.#refusal(ERRNO.ENOTDIR, path);
  }

  #goBack(): void {
    if (this.#held.length > 1) this.#held.pop()?.close();
  }

  /** One name more; its own where it is no link, else what the link leaves: its names are put before the others. */
  #enter(name: string, pending: string[], takesLink: boolean): string {
    const found = openAt(this.#here, name, HERE);
    keptAfter(found, ({ number }) => {
      if (!isSymlink(statusOf(number)) || takesLink) return void this.#held.push(found);
      const target = this.#read(number, name);
      found.close();
      if (target.startsWith('/')) while (this.#held.length > 1) this.#goBack();
      pending.unshift(...target.split('/'));
    });
    return found.number < 0 ? '.' : name;
  }

  #read(link: number, name: string): string {
    if (!this.#followsLinks || ++this.#links > LINK_LIMIT) throw this.#refusal(ERRNO.ELOOP, name);
    const buffer = new Uint8Array(LONGEST_LINK);
    const length = sys('readlinkat', link, '', buffer, buffer.length);
    const target = utf8(buffer, 0, length);
    if (fileSystemOf(link) === MAGIC.PROC && !PLAIN_LINK.test(target)) throw this.#refusal(ERRNO.ELOOP, name);
    if (length === 0) throw this.#refusal(ERRNO.ENOENT, name);
    return target;
  }

  /** For more than its place: by its name again, in the directory that is held. */
  #reopen(name: string, flags: number): Fd {
    if (name !== '.') this.#goBack();
    return openAt(this.#here, name, flags | O.NOFOLLOW);
  }

  #take(): Fd {
    const last = this.#held.pop();
    invariant(last !== undefined, 'the root itself is held until it is taken');
    return last;
  }

  #refusal(errno: number, name: string): SysError {
    return new SysError('openat2', errno, name);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#held) attempt('close', fd.release());
  }
}

/** Links of procfs that are text: /proc/self, /proc/thread-self, /proc/mounts, /proc/net. All others lead anywhere. */
const PLAIN_LINK = /^(\d+|\d+\/task\/\d+|self\/\w+)$/;
