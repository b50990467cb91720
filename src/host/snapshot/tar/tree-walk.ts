import { attempt, SysError } from '../../kernel/call.ts';
import { O, RESOLVE, S } from '../../kernel/constants.ts';
import { namesIn } from '../../kernel/directory-names.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { Fd } from '../../kernel/files.ts';
import { timedStatusAt, type TimedStatus } from '../../kernel/stat.ts';

const SLASH = 0x2f;

/** One name of a tree that a container controls: nothing of it is ever opened by a path of several names. */
export interface TreeNode {
  /** The directory that has it, open. */
  readonly directory: number;
  /** With a NUL at its end. */
  readonly name: Uint8Array;
  /** From the root of the walk, with slashes between names and without one before the first. */
  readonly path: Uint8Array;
  readonly status: TimedStatus;
}

export interface TreeVisitor {
  /** Whether a directory is entered; `inside` is it, open. */
  readonly enter: (node: TreeNode, inside: number) => boolean;
  readonly leave?: (node: TreeNode) => void;
  /** Anything else. */
  readonly visit: (node: TreeNode) => void;
  /** Whether mounts are entered, which only the host's own may be. */
  readonly crossesMounts?: boolean;
}

interface Level {
  readonly directory: Fd;
  readonly path: Uint8Array;
  /** undefined of the root. */
  readonly node: TreeNode | undefined;
  readonly names: readonly Uint8Array[];
  next: number;
}

/**
 * Walks a tree from an open directory on, names in byte order, a directory before what it holds. It never follows a
 * link, and never enters a mount. What vanishes meanwhile was never there.
 */
export function walkTree(root: number, visitor: TreeVisitor): void {
  const levels = [levelOf(openInside(root), NOTHING, undefined)];
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const name = level.names[level.next++];
      if (name === undefined) {
        levels.pop();
        level.directory.close();
        if (level.node !== undefined) visitor.leave?.(level.node);
        continue;
      }
      const deeper = step(level, name, visitor);
      if (deeper !== undefined) levels.push(deeper);
    }
  } finally {
    for (const { directory } of levels) directory.close();
  }
}

const NOTHING = new Uint8Array(0);
const DOT = new Uint8Array([0x2e, 0]);

function step(level: Level, name: Uint8Array, visitor: TreeVisitor): Level | undefined {
  const directory = level.directory.number;
  const status = timedStatusAt(directory, name);
  if (status === undefined) return undefined;
  const node: TreeNode = { directory, name, path: pathBelow(level.path, name), status };
  if ((status.mode & S.IFMT) !== S.IFDIR) {
    visitor.visit(node);
    return undefined;
  }
  const inside = tryOpenInside(directory, name, visitor.crossesMounts === true);
  if (inside === undefined) return undefined;
  if (visitor.enter(node, inside.number)) return levelOf(inside, node.path, node);
  inside.close();
  return undefined;
}

function levelOf(directory: Fd, path: Uint8Array, node: TreeNode | undefined): Level {
  const names = namesIn(directory.number).map(({ name }) => name);
  return { directory, path, node, names: names.toSorted(compareBytes), next: 0 };
}

function openInside(directory: number): Fd {
  return tryOpenInside(directory, DOT, false) ?? new Fd(-1);
}

/** undefined where it is gone, is no directory any more, or is a mount. */
function tryOpenInside(directory: number, name: Uint8Array, crossesMounts: boolean): Fd | undefined {
  const how = new BigUint64Array(3);
  how[0] = BigInt(O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC);
  how[2] = BigInt(RESOLVE.NO_MAGICLINKS | (crossesMounts ? 0 : RESOLVE.NO_XDEV));
  const result = attempt('openat2', directory, name, how, 24);
  if (result >= 0) return new Fd(result);
  if ([ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.EXDEV, ERRNO.ELOOP].some((errno) => errno === -result))
    return undefined;
  throw new SysError('openat2', -result, utf8(name, 0, name.length - 1));
}

function pathBelow(path: Uint8Array, name: Uint8Array): Uint8Array {
  const bare = name.subarray(0, name.length - 1);
  if (path.length === 0) return bare;
  const whole = new Uint8Array(path.length + 1 + bare.length);
  whole.set(path);
  whole[path.length] = SLASH;
  whole.set(bare, path.length + 1);
  return whole;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
