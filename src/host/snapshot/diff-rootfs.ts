import { bytesToLatin1, latin1ToBytes } from '../../pure/base/bytes.ts';
import type { ErofsReader } from '../../pure/archive/erofs-reader.ts';
import { LowerStack, type LowerInode } from '../../pure/archive/lower-stack.ts';
import { sys } from '../kernel/call.ts';
import { S } from '../kernel/constants.ts';
import { namesIn } from '../kernel/directory-names.ts';
import { isCharacterDevice, type TimedStatus } from '../kernel/stat.ts';
import { isInitialUserNamespace } from '../kernel/user-namespace.ts';
import { xattrsAt } from '../kernel/xattrs.ts';
import { nameText } from '../../pure/archive/name-text.ts';
import { snapshotError } from './errors.ts';
import { throughDescriptor, TreeTar, xattrsOf } from './tar/tree-tar.ts';
import { walkTree, type TreeNode } from './tar/tree-walk.ts';
import { HostImage } from './unpack/host-image.ts';

/** What a container changed: the same three kinds as docker diff has. */
export interface Change {
  readonly kind: 'added' | 'modified' | 'deleted';
  /** From the root, without a slash before it; bytes, since names need not be UTF-8. */
  readonly path: Uint8Array;
}

export interface DiffSource {
  /** The upper of the container, open; what changes meanwhile may be missed. */
  readonly upper: number;
  /** It is no upper but a whole copy of the image, in which what is missing was deleted. */
  readonly isCopy: boolean;
  /** Open EROFS files of the image, bottom first. */
  readonly layers: readonly number[];
}

/** Changes in the order of the tree, each directory before what it holds. Directories above a change are modified. */
export function changesOf(source: DiffSource): readonly Change[] {
  const changes: Change[] = [];
  walkChanges(source, {
    change: (kind, { path }) => void changes.push({ kind, path }),
    opaque: () => undefined,
  });
  return changes;
}

/**
 * Writes the changes as a layer of the OCI image specification (layer.md): with whiteouts for what is gone, every
 * directory above a change, and nothing for what was only opened for writing. The answer: bytes of the tar.
 */
export function writeLayer(source: DiffSource, output: number): number {
  const tar = new TreeTar(output);
  walkChanges(source, {
    change: (kind, node) => {
      refuseReserved(node);
      if (kind === 'deleted') tar.addMark(whiteoutOf(node.path));
      else tar.add(node);
    },
    opaque: ({ path }) => tar.addMark(latin1ToBytes(`${bytesToLatin1(path)}/.wh..wh..opq`)),
  });
  return tar.finish();
}

/** A layer has no way to tell of a file that is called as whiteouts are. */
function refuseReserved({ name, path }: TreeNode): void {
  if (!bytesToLatin1(name).startsWith('.wh.')) return;
  const text = `The container has a file ${nameText(path)}, whose name means a deletion in a layer: rename it first`;
  throw snapshotError('SNAPSHOT_NAME_RESERVED', text);
}

interface ChangeVisitor {
  readonly change: (kind: Change['kind'], node: TreeNode) => void;
  /** A directory, told of as a change before, hides what the image has in it. */
  readonly opaque: (node: TreeNode) => void;
}

/** A directory on the way down. */
interface Entered {
  readonly node: TreeNode;
  /** undefined if the image has nothing there, or it is hidden. */
  readonly lower: LowerInode | undefined;
  isTold: boolean;
}

function walkChanges({ upper, layers, isCopy }: DiffSource, visitor: ChangeVisitor): void {
  const image = new LowerStack(layers.map((fd) => new HostImage(fd)));
  const above: Entered[] = [];
  const tell = (kind: Change['kind'], node: TreeNode): void => {
    for (const entered of above) {
      if (!entered.isTold) visitor.change('modified', entered.node);
      entered.isTold = true;
    }
    visitor.change(kind, node);
  };
  const below = (node: TreeNode): LowerInode | undefined =>
    above.every(({ lower }) => lower !== undefined) ? image.lookup(namesOf(node.path)) : undefined;
  const tellMissing = (path: Uint8Array, inside: number): void => {
    const there = new Set(namesIn(inside).map(({ name }) => bytesToLatin1(name, 0, name.length - 1)));
    const missing = image.list(namesOf(path)).filter((name) => !there.has(bytesToLatin1(name)));
    for (const name of missing) {
      const { mode = 0 } = image.lookup([...namesOf(path), name])?.inode ?? {};
      if (canBeThere(mode)) tell('deleted', missingNode(inside, path, name));
    }
    sys('lseek', inside, 0, 0);
  };
  if (isCopy) tellMissing(new Uint8Array(0), upper);
  walkTree(upper, {
    visit: (node) => {
      const lower = below(node);
      if (isCharacterDevice(node.status, 0, 0)) {
        if (lower !== undefined) tell('deleted', node);
      } else if (lower === undefined) tell('added', node);
      else if (!isSame(node, lower)) tell('modified', node);
    },
    enter: (node, inside) => {
      const lower = below(node);
      const hidden = lower !== undefined && (!isDirectory(lower) || isOpaque(node));
      const isTold = lower === undefined || hidden || !isSame(node, lower);
      if (isTold) tell(lower === undefined ? 'added' : 'modified', node);
      if (hidden && isDirectory(lower)) visitor.opaque(node);
      above.push({ node, lower: hidden ? undefined : lower, isTold });
      if (isCopy && lower !== undefined && !hidden) tellMissing(node.path, inside);
      return true;
    },
    leave: () => void above.pop(),
  });
}

let power: boolean | undefined;

function isPowerful(): boolean {
  return (power ??= isInitialUserNamespace());
}

/** A user namespace's copy of an image is made without devices. */
function canBeThere(mode: number): boolean {
  const type = mode & S.IFMT;
  return (type !== S.IFCHR && type !== S.IFBLK) || isPowerful();
}

function missingNode(directory: number, path: Uint8Array, name: Uint8Array): TreeNode {
  const whole = latin1ToBytes(
    [path, name]
      .map((part) => bytesToLatin1(part))
      .filter((part) => part !== '')
      .join('/'),
  );
  const status = { device: 0n, inode: 0n, links: 0, mode: 0, uid: 0, gid: 0, rdev: 0, size: 0, allocated: 0 };
  return { directory, name, path: whole, status: { ...status, mtime: { seconds: 0, nanoseconds: 0 } } };
}

function isDirectory({ inode }: LowerInode): boolean {
  return (inode.mode & S.IFMT) === S.IFDIR;
}

/** Both forms of the mark: in a user namespace overlayfs uses the second. */
function isOpaque({ directory, name }: TreeNode): boolean {
  const found = xattrsAt(throughDescriptor(directory, name));
  return ['trusted.overlay.opaque', 'user.overlay.opaque'].some((key) => found.get(key)?.[0] === 0x79);
}

/** Equal in all that a tar tells; of content time and size speak. */
function isSame(node: TreeNode, { reader, inode }: LowerInode): boolean {
  const { status } = node;
  return (
    status.mode === inode.mode &&
    status.uid === inode.uid &&
    status.gid === inode.gid &&
    isSameTime(status, inode.mtime) &&
    ((status.mode & S.IFMT) !== S.IFREG || status.size === inode.size) &&
    haveSameXattrs(xattrsOf(node.directory, node.name), reader.xattrs(inode), isPowerful())
  );
}

function isSameTime({ mtime }: TimedStatus, other: TimedStatus['mtime']): boolean {
  return mtime.seconds === other.seconds && mtime.nanoseconds === other.nanoseconds;
}

/** In a user namespace `trusted.` attributes are neither set nor seen. */
function haveSameXattrs(
  actual: ReadonlyMap<string, Uint8Array>,
  wanted: ReturnType<ErofsReader['xattrs']>,
  hasPower: boolean,
): boolean {
  const hidden = hasPower ? /^(?:trusted|user)\.overlay\./ : /^(?:trusted\.|user\.overlay\.)/;
  const others = [...wanted].filter(([name]) => !hidden.test(name));
  if (others.length !== actual.size) return false;
  return others.every(([name, value]) => {
    const there = actual.get(name);
    return there?.length === value.length && value.every((byte, index) => there[index] === byte);
  });
}

function namesOf(path: Uint8Array): Uint8Array[] {
  if (path.length === 0) return [];
  return bytesToLatin1(path).split('/').map(latin1ToBytes);
}

function whiteoutOf(path: Uint8Array): Uint8Array {
  const text = bytesToLatin1(path);
  const cut = text.lastIndexOf('/') + 1;
  return latin1ToBytes(`${text.slice(0, cut)}.wh.${text.slice(cut)}`);
}
