import { latin1ToBytes } from '../../../pure/base/bytes.ts';
import type { IdShift } from '../../../pure/spec/id-shift.ts';
import type { TarEntry, TarType } from '../../../pure/archive/tar-entry.ts';
import { TarWriter } from '../../../pure/archive/tar-writer.ts';
import { attempt, retry } from '../../kernel/call.ts';
import { O, S } from '../../kernel/constants.ts';
import { Fd } from '../../kernel/files.ts';
import { xattrsAt } from '../../kernel/xattrs.ts';
import { BufferedOutput } from './buffered-output.ts';
import type { TreeNode } from './tree-walk.ts';

const PIECE = 1 << 17;
const SYMLINK_MAX = 4096;
const TYPES: ReadonlyMap<number, TarType> = new Map([
  [S.IFREG, 'file'],
  [S.IFDIR, 'directory'],
  [S.IFLNK, 'symlink'],
  [S.IFCHR, 'character'],
  [S.IFBLK, 'block'],
  [S.IFIFO, 'fifo'],
]);
const NOTHING = new Uint8Array(0);
const NO_TIME = { seconds: 0, nanoseconds: 0 };
const NO_DEVICE = { major: 0, minor: 0 };
/** Orders to overlayfs, and the labels of this machine, are none of a file's own. */
const NOT_OF_FILES = /^(?:(?:trusted|user)\.overlay\.|security\.(?:selinux|apparmor|ima|evm)$)/;

/** Takes the bytes of an archive, borrowed: valid during the call. */
export interface TarSink {
  write(piece: Uint8Array): void;
  flush?(): void;
}

/** Writes nodes of a tree into an archive: what has several names once, and links to it. */
export class TreeTar {
  readonly #output: TarSink;
  readonly #writer: TarWriter;
  readonly #buffer = new Uint8Array(PIECE);
  readonly #ids: IdShift | undefined;
  #size = 0;
  /** The first path of what has several names, by its number. */
  readonly #links = new Map<string, Uint8Array>();

  /** Into an open file or pipe, or to whoever takes the pieces; `ids` says what the tree's owners are in the archive. */
  constructor(output: number | TarSink, ids?: IdShift) {
    this.#ids = ids;
    this.#output = typeof output === 'number' ? new BufferedOutput(output) : output;
    this.#writer = new TarWriter((piece) => {
      this.#size += piece.length;
      this.#output.write(piece);
    });
  }

  /** A socket is passed over, as by every tar. */
  add(node: TreeNode): void {
    const { status, path } = node;
    const type = TYPES.get(status.mode & S.IFMT);
    if (type === undefined) return;
    if (type === 'file') return this.#file(node);
    if (type !== 'directory' && this.#isLinked(node)) return;
    const link = type === 'symlink' ? targetOf(node) : NOTHING;
    const isDevice = type === 'character' || type === 'block';
    const device = isDevice ? deviceOf(status.rdev) : NO_DEVICE;
    this.#writer.entry({
      ...this.#entry(node, type),
      path: type === 'directory' ? withSlash(path) : path,
      link,
      device,
    });
  }

  /** A file without content, as marks are. */
  addMark(path: Uint8Array): void {
    this.#writer.entry({ ...PLAIN, path, type: 'file', mode: 0 });
  }

  /** Bytes of the archive. */
  finish(): number {
    this.#writer.finish();
    this.#output.flush?.();
    return this.#size;
  }

  /** The size is what the file has when it is opened; one that shrinks meanwhile ends in zeros. */
  #file(node: TreeNode): void {
    if (this.#isLinked(node)) return;
    const opened = attempt(
      'openat',
      node.directory,
      node.name,
      O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.CLOEXEC,
      0,
    );
    if (opened < 0) return;
    using file = new Fd(opened);
    this.#writer.entry({ ...this.#entry(node, 'file'), size: node.status.size });
    for (let left = node.status.size; left > 0;) {
      const wanted = Math.min(left, PIECE);
      const count = retry('read', file.number, this.#buffer, wanted);
      if (count === 0) this.#buffer.fill(0, 0, wanted);
      const length = count === 0 ? wanted : count;
      this.#writer.data(this.#buffer.subarray(0, length));
      left -= length;
    }
  }

  #isLinked(node: TreeNode): boolean {
    const { status, path } = node;
    if (status.links < 2) return false;
    const key = `${status.device}:${status.inode}`;
    const first = this.#links.get(key);
    if (first === undefined) {
      this.#links.set(key, path);
      return false;
    }
    this.#writer.entry({ ...this.#entry(node, 'hardlink'), link: first, xattrs: new Map() });
    return true;
  }

  #entry({ path, directory, name, status }: TreeNode, type: TarType): TarEntry {
    const { mode, mtime } = status;
    const [uid, gid] = [this.#ids?.uid(status.uid) ?? status.uid, this.#ids?.gid(status.gid) ?? status.gid];
    const found = type === 'hardlink' ? new Map<string, Uint8Array>() : xattrsOf(directory, name);
    return { ...PLAIN, path, type, mode: mode & 0o7777, uid, gid, mtime, xattrs: found };
  }
}

const PLAIN: TarEntry = {
  path: NOTHING,
  type: 'file',
  link: NOTHING,
  size: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: NO_TIME,
  device: NO_DEVICE,
  xattrs: new Map(),
};

/** Extended attributes of a name, of a link its own. */
export function xattrsOf(directory: number, name: Uint8Array): Map<string, Uint8Array> {
  const found = xattrsAt(throughDescriptor(directory, name));
  for (const key of found.keys()) if (NOT_OF_FILES.test(key)) found.delete(key);
  return found;
}

/** A path for the calls that take no descriptor: the directory itself, whatever it is called by now. */
export function throughDescriptor(directory: number, name: Uint8Array): Uint8Array {
  const start = latin1ToBytes(`/proc/self/fd/${directory}/`);
  const path = new Uint8Array(start.length + name.length);
  path.set(start);
  path.set(name, start.length);
  return path;
}

function targetOf({ directory, name }: TreeNode): Uint8Array {
  const buffer = new Uint8Array(SYMLINK_MAX);
  const length = attempt('readlinkat', directory, name, buffer, buffer.length);
  return buffer.slice(0, Math.max(0, length));
}

function withSlash(path: Uint8Array): Uint8Array {
  const whole = new Uint8Array(path.length + 1).fill(0x2f);
  whole.set(path);
  return whole;
}

/** Linux's encoding of a device number (new_decode_dev). */
function deviceOf(rdev: number): { readonly major: number; readonly minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}
