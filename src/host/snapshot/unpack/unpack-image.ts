import { ErofsReader, type ErofsInode } from '../../../pure/archive/erofs-reader.ts';
import { sys } from '../../kernel/call.ts';
import { AT, O, S } from '../../kernel/constants.ts';
import { openAt, type Fd } from '../../kernel/files.ts';
import { snapshotError } from '../errors.ts';
import { FilledDirectory, type Marks } from './filled-directory.ts';
import type { HostImage } from './host-image.ts';
import { makeFile } from './make-file.ts';
import { describeDirectory, describeNode, deviceOf } from './node-meta.ts';

/** As many as the archives that images are made of may have (pure/archive/limits.ts), and some for what is implied. */
const MAX_ENTRIES = 10_000_000;
const MAX_DEPTH = 2048;
const SLASH = 0x2f;

interface Level {
  readonly directory: Fd;
  readonly inode: ErofsInode;
  readonly path: Uint8Array;
  readonly children: readonly { readonly name: Uint8Array; readonly nid: number }[];
  next: number;
}

/**
 * Makes the tree of an EROFS image in the working directory, which is its root and may have the trees of the layers
 * below. The image is not trusted: nothing but the calls that a confined process has keeps it inside.
 */
export class ImageUnpacker {
  readonly #image: HostImage;
  readonly #reader: ErofsReader;
  readonly #target: FilledDirectory;
  readonly #root: Fd;
  /** Where the first name of a file with several lies, by the file's number. */
  readonly #links = new Map<number, Uint8Array>();
  #entries = 0;

  constructor(image: HostImage, marks: Marks) {
    this.#image = image;
    this.#reader = new ErofsReader(image);
    this.#target = new FilledDirectory(marks);
    this.#root = openAt(AT.FDCWD, '.', O.RDONLY | O.DIRECTORY);
  }

  unpack(): void {
    const { root } = this.#reader;
    if (this.#isOpaque(root)) this.#target.clear(this.#root.number);
    const levels: Level[] = [this.#level(openAt(AT.FDCWD, '.', O.RDONLY | O.DIRECTORY), root, NOTHING)];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const child = level.children[level.next++];
      if (child === undefined) {
        this.#leave(level);
        levels.pop();
        continue;
      }
      const deeper = this.#child(level, child.name, child.nid);
      if (deeper !== undefined) levels.push(deeper);
      if (levels.length > MAX_DEPTH) throw damaged(`is deeper than ${MAX_DEPTH} directories`);
    }
    this.#root.close();
  }

  #level(directory: Fd, inode: ErofsInode, path: Uint8Array): Level {
    const children = this.#reader.list(inode);
    this.#entries += children.length;
    if (this.#entries > MAX_ENTRIES) throw damaged(`has more than ${MAX_ENTRIES} entries`);
    return { directory, inode, path, children, next: 0 };
  }

  /** The level of a directory; anything else is made at once. */
  #child(level: Level, bare: Uint8Array, nid: number): Level | undefined {
    if (bare.includes(SLASH) || bare.includes(0)) throw damaged('has a name that no file can have');
    const name = terminated(bare);
    const inode = this.#reader.inode(nid);
    const directory = level.directory.number;
    const path = joined(level.path, bare);
    if (isWhiteout(inode)) this.#target.whiteout(directory, name);
    else if ((inode.mode & S.IFMT) === S.IFDIR) {
      this.#target.makeDirectory(directory, name, this.#isOpaque(inode));
      return this.#level(openAt(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW), inode, path);
    } else this.#node({ directory, name, path }, inode);
    return undefined;
  }

  #node(
    { directory, name, path }: { directory: number; name: Uint8Array; path: Uint8Array },
    inode: ErofsInode,
  ): void {
    this.#target.makeRoom(directory, name);
    const first = inode.links > 1 ? this.#links.get(inode.nid) : undefined;
    if (first !== undefined) {
      sys('linkat', this.#root.number, terminated(first), directory, name, 0);
      return;
    }
    if (inode.links > 1) this.#links.set(inode.nid, path);
    const xattrs = this.#reader.xattrs(inode);
    switch (inode.mode & S.IFMT) {
      case S.IFREG:
        return makeFile({ reader: this.#reader, image: this.#image }, { directory, name, inode, xattrs });
      case S.IFLNK:
        sys('symlinkat', terminated(this.#reader.readlink(inode)), directory, name);
        break;
      default:
        if (!this.#target.makeDevice(directory, name, { mode: inode.mode, device: deviceOf(inode) })) return;
    }
    describeNode(directory, name, { inode, xattrs });
  }

  #leave({ directory, inode }: Level): void {
    const xattrs = this.#target.marked(this.#reader.xattrs(inode));
    describeDirectory(directory.number, { inode, xattrs });
    directory.close();
  }

  #isOpaque(inode: ErofsInode): boolean {
    return inode.xattrBytes > 0 && this.#reader.xattrs(inode).has('trusted.overlay.opaque');
  }
}

const NOTHING = new Uint8Array(0);

function isWhiteout({ mode, device }: ErofsInode): boolean {
  return (mode & S.IFMT) === S.IFCHR && device.major === 0 && device.minor === 0;
}

function terminated(bare: Uint8Array): Uint8Array {
  const name = new Uint8Array(bare.length + 1);
  name.set(bare);
  return name;
}

function joined(path: Uint8Array, name: Uint8Array): Uint8Array {
  if (path.length === 0) return name;
  const whole = new Uint8Array(path.length + 1 + name.length);
  whole.set(path);
  whole[path.length] = SLASH;
  whole.set(name, path.length + 1);
  return whole;
}

function damaged(what: string): Error {
  return snapshotError(
    'SNAPSHOT_LAYER_DAMAGED',
    `The image of a layer ${what}: remove it by corten rmi and load it again`,
  );
}
