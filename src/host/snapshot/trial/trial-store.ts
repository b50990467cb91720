import { LayerConverter } from '../../../pure/archive/layer-converter.ts';
import { archiveOf, type Words } from '../../../pure/archive/testing/archive-of.ts';
import { bytesToLatin1 } from '../../../pure/base/bytes.ts';
import { attempt, sys } from '../../kernel/call.ts';
import { AT, O, S } from '../../kernel/constants.ts';
import { makeDirectories, openAt, openFile, readAll, type Fd } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { mountRootfsAs } from '../forms/mount-as.ts';
import type { StoreForm } from '../forms/store-form.ts';
import type { MountedRootfs, RootfsRequest } from '../rootfs-request.ts';
import { xattrsOf } from '../tar/tree-tar.ts';
import { walkTree, type TreeNode } from '../tar/tree-walk.ts';
import { HostImage } from '../unpack/host-image.ts';

let count = 0;

/** A store with layers of an image and a container, removed with its scope. */
export class TrialStore {
  readonly path: string;
  readonly layers: readonly string[];
  readonly #directories: Fd[] = [];
  readonly #mounted: MountedRootfs[] = [];

  constructor(layers: readonly (readonly Words[])[], place = '/tmp') {
    this.path = `${place}/corten-snapshot-${sys('getpid')}-${count++}`;
    for (const folder of ['layers', 'skeleton/proc']) makeDirectories(`${this.path}/${folder}`);
    this.layers = layers.map((_, index) => `${this.path}/layers/${index}.erofs`);
    layers.forEach((words, index) => this.#convert(archiveOf(...words), index));
  }

  /** One more layer on top, of a tar. */
  addLayer(archive: Uint8Array): string {
    (this.layers as string[]).push(`${this.path}/layers/${this.layers.length}.erofs`);
    this.#convert(archive, this.layers.length - 1);
    return this.layers.at(-1) ?? '';
  }

  container(name = 'one'): Fd {
    makeDirectories(`${this.path}/${name}`);
    const directory = openFile(`${this.path}/${name}`, O.RDONLY | O.DIRECTORY);
    this.#directories.push(directory);
    return directory;
  }

  request(directory: Fd): RootfsRequest {
    const { path, layers } = this;
    return {
      store: path,
      layers,
      skeleton: `${path}/skeleton`,
      directory: directory.number,
      isVolatile: false,
    };
  }

  mount(form: StoreForm, directory = this.container()): MountedRootfs {
    const rootfs = mountRootfsAs(form, this.request(directory));
    this.#mounted.push(rootfs);
    return rootfs;
  }

  /** Ends what is mounted, as a container's end does. */
  unmount(): void {
    for (const { root, lease, layers, spent } of this.#mounted.splice(0)) {
      for (const fd of [root, lease, ...layers.map((layer) => layer.fd), ...spent]) fd.close();
    }
  }

  [Symbol.dispose](): void {
    this.unmount();
    for (const directory of this.#directories) directory.close();
    removeTree(AT.FDCWD, this.path);
  }

  #convert(archive: Uint8Array, index: number): void {
    const lowers = this.layers.slice(0, index).map((path) => openFile(path, O.RDONLY));
    using file = openFile(this.layers[index] ?? '', O.RDWR | O.CREAT | O.EXCL, 0o600);
    const images = lowers.map((fd) => new HostImage(fd.number));
    const converter = new LayerConverter(new HostImage(file.number), { lowers: images });
    converter.push(archive);
    sys('ftruncate', file.number, converter.finish().size);
    for (const lower of lowers) lower.close();
  }
}

/** Every path of a tree with all that a program can see of it; the skeleton's mount points are left out. */
export function describeTree(root: number): Record<string, string> {
  const tree: Record<string, string> = {};
  const firsts = new Map<bigint, string>();
  const add = (node: TreeNode): boolean => {
    const path = bytesToLatin1(node.path);
    if (path !== 'proc') tree[path] = describe(node, firsts, path);
    return true;
  };
  walkTree(root, { visit: (node) => void add(node), enter: add });
  return tree;
}

function describe(node: TreeNode, firsts: Map<bigint, string>, path: string): string {
  const { mode, uid, gid, mtime, links, inode, size, rdev } = node.status;
  const isDirectory = (mode & S.IFMT) === S.IFDIR;
  const first = firsts.get(inode) ?? path;
  firsts.set(inode, first);
  const parts = [
    mode.toString(8),
    `${uid}:${gid}`,
    // What programs change has the time of the test.
    mtime.seconds > 1_750_000_000 ? 'now' : `${mtime.seconds}.${mtime.nanoseconds}`,
    // The number of names differs: overlayfs counts those that another layer hides.
    ...(isDirectory || links === 1 || first === path ? [] : [`same as ${first}`]),
    ...(isDirectory ? [] : [contentOf(node, size, rdev)]),
    ...[...xattrsOf(node.directory, node.name)]
      .map(([name, value]) => `${name}=${bytesToLatin1(value)}`)
      .toSorted(),
  ];
  return parts.join(' ');
}

function contentOf({ directory, name, status }: TreeNode, size: number, rdev: number): string {
  const type = status.mode & S.IFMT;
  if (type === S.IFREG) {
    using file = openAt(directory, name, O.RDONLY | O.NOFOLLOW);
    return size > 100 ? `${size} bytes` : bytesToLatin1(readAll(file.number));
  }
  if (type !== S.IFLNK) return `device ${rdev}`;
  const buffer = new Uint8Array(4096);
  return `-> ${bytesToLatin1(buffer, 0, attempt('readlinkat', directory, name, buffer, buffer.length))}`;
}
