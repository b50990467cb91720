import { sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { copyOfMount } from '../mounts/mount-call.ts';
import { mountLayer } from '../mount-layer.ts';
import { mountOverlay } from '../mount-overlay.ts';
import { copyOwnerAndMode, openUpper, type Upper } from '../mounts/upper.ts';
import type { LayerMount, MountedRootfs, RootfsRequest } from '../rootfs-request.ts';
import { mappedPartsModule } from '../mounts/mapped-parts.ts';
import { copyRootfs } from './copied-rootfs.ts';
import { requireTrees, treeOf } from './directory-layers.ts';
import { mountLayerByLoop } from './loop-layer.ts';
import { overlayByPath, type Lower } from './overlay-by-path.ts';
import type { MappedParts } from '../mounts/mapped-parts.chunk.ts';
import type { StoreForm } from './store-form.ts';

const PATH_MAX = 4096;

/** As mountRootfs(), in one form. */
export function mountRootfsAs(form: StoreForm, request: RootfsRequest): MountedRootfs {
  if (form.overlay === 'none') return copyRootfs(request);
  using made = openUpper(request.directory);
  // What is attached for an overlay by paths is of no use to others afterwards.
  const shared = form.overlay === 'descriptors' ? request.shared : undefined;
  const layers = mountLayers(form, request, shared);
  try {
    if (made.isNew) copyFromTop(form, request, { layers, made });
    const mount = form.overlay === 'descriptors' ? overDescriptors : overPaths;
    return mount(form, request, { layers, made });
  } catch (error) {
    for (const { file, fd } of layers) if (shared?.has(file) !== true) fd.close();
    throw error;
  }
}

interface Parts {
  /** None where layers are directories. */
  readonly layers: readonly LayerMount[];
  readonly made: Upper;
}

function mountLayers(
  { layers: kind, isUserXattr }: StoreForm,
  { store, layers }: RootfsRequest,
  shared: RootfsRequest['shared'],
): readonly LayerMount[] {
  if (kind === 'directory') {
    requireTrees(store, layers, isUserXattr);
    return [];
  }
  const mount = kind === 'erofs-file' ? mountLayer : mountLayerByLoop;
  const mounted: LayerMount[] = [];
  try {
    for (const file of layers) mounted.push({ file, fd: shared?.get(file) ?? mount(file) });
    return mounted;
  } catch (error) {
    for (const { file, fd } of mounted) if (shared?.has(file) !== true) fd.close();
    throw error;
  }
}

function copyFromTop(form: StoreForm, { store, layers, skeleton }: RootfsRequest, parts: Parts): void {
  const mounted = parts.layers.at(-1)?.fd;
  if (mounted !== undefined) return copyOwnerAndMode(mounted, parts.made.upper);
  const top = layers.at(-1);
  const path = form.layers !== 'directory' || top === undefined ? skeleton : treeOf(store, top);
  using directory = openDirectory(path);
  copyOwnerAndMode(directory, parts.made.upper);
}

function overDescriptors(form: StoreForm, request: RootfsRequest, { layers, made }: Parts): MountedRootfs {
  const { store, skeleton, isVolatile } = request;
  const directories = [openDirectory(skeleton)];
  let root: Fd | undefined;
  try {
    if (form.layers === 'directory') {
      for (const layer of request.layers) directories.push(openDirectory(treeOf(store, layer)));
    }
    const all = [...directories, ...layers.map(({ fd }) => fd)];
    const parts = partsFor(request, all);
    directories.push(
      ...(parts === undefined ? [] : [...parts.lowers, parts.container, parts.upper, parts.work]),
    );
    const { upper, work } = parts ?? made;
    root = mountOverlay({
      lowers: (parts?.lowers ?? all).map((fd) => fd.number),
      upper: upper.number,
      work: work.number,
      isVolatile,
      isUserXattr: form.isUserXattr,
    });
    return { root, lease: copyOfMount(root.number, '', false), layers, spent: directories };
  } catch (error) {
    for (const fd of [...directories, root]) fd?.close();
    throw error;
  }
}

function partsFor({ directory, mapped }: RootfsRequest, lowers: readonly Fd[]): MappedParts | undefined {
  const numbers = lowers.map(({ number }) => number);
  return mapped && mappedPartsModule().mappedParts(numbers, directory, mapped);
}

function overPaths(form: StoreForm, request: RootfsRequest, { layers }: Parts): MountedRootfs {
  const { store, skeleton, directory, isVolatile } = request;
  const above: readonly Lower[] =
    form.layers === 'directory'
      ? request.layers.map((layer) => ({ path: treeOf(store, layer) }))
      : layers.map(({ fd }) => ({ mount: fd }));
  const lowers: readonly Lower[] = [{ path: skeleton }, ...above];
  using parts = mappedLowers(request, lowers);
  const [root, lease] = overlayByPath({
    lowers: parts?.lowers ?? lowers,
    directory: parts?.container ?? pathOf(directory),
    isVolatile,
    isUserXattr: form.isUserXattr,
  });
  if (root === undefined || lease === undefined) throw new RangeError('overlayByPath() gives two mounts');
  return { root, lease, layers: [], spent: layers.map(({ fd }) => fd) };
}

interface MappedLowers {
  readonly lowers: readonly Lower[];
  readonly container: Fd;
  [Symbol.dispose](): void;
}

function mappedLowers(request: RootfsRequest, lowers: readonly Lower[]): MappedLowers | undefined {
  if (request.mapped === undefined) return undefined;
  const opened = lowers.map((lower) => ('mount' in lower ? undefined : openDirectory(lower.path)));
  try {
    const all = lowers.map((lower, index) => ('mount' in lower ? lower.mount : opened[index]));
    const parts = partsFor(
      request,
      all.filter((fd) => fd !== undefined),
    );
    if (parts === undefined) return undefined;
    const close = (): void => {
      for (const fd of [...parts.lowers, parts.container, parts.upper, parts.work]) fd.close();
    };
    const mounts = parts.lowers.map((mount) => ({ mount }));
    return { lowers: mounts, container: parts.container, [Symbol.dispose]: close };
  } finally {
    for (const fd of opened) fd?.close();
  }
}

function openDirectory(path: string): Fd {
  return openFile(path, O.PATH | O.DIRECTORY | O.NOFOLLOW);
}

/** Of an open directory. */
function pathOf(fd: number): string {
  const buffer = new Uint8Array(PATH_MAX);
  return utf8(buffer, 0, sys('readlink', `/proc/self/fd/${fd}`, buffer, buffer.length));
}
