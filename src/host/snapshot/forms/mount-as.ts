import { sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { copyOfMount } from '../mounts/mount-call.ts';
import { mountLayer } from '../mount-layer.ts';
import { mountOverlay } from '../mount-overlay.ts';
import { copyOwnerAndMode, openUpper, type Upper } from '../mounts/upper.ts';
import type { LayerMount, MountedRootfs, RootfsRequest } from '../rootfs-request.ts';
import { copyRootfs } from './copied-rootfs.ts';
import { requireTrees, treeOf } from './directory-layers.ts';
import { mountLayerByLoop } from './loop-layer.ts';
import { overlayByPath, type Lower } from './overlay-by-path.ts';
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
    const lowers = [...directories, ...layers.map(({ fd }) => fd)].map((fd) => fd.number);
    const upper = { upper: made.upper.number, work: made.work.number };
    root = mountOverlay({ lowers, ...upper, isVolatile, isUserXattr: form.isUserXattr });
    return { root, lease: copyOfMount(root.number, '', false), layers, spent: directories };
  } catch (error) {
    for (const fd of [...directories, root]) fd?.close();
    throw error;
  }
}

function overPaths(form: StoreForm, request: RootfsRequest, { layers }: Parts): MountedRootfs {
  const { store, skeleton, directory, isVolatile } = request;
  const above: readonly Lower[] =
    form.layers === 'directory'
      ? request.layers.map((layer) => ({ path: treeOf(store, layer) }))
      : layers.map(({ fd }) => ({ mount: fd }));
  const [root, lease] = overlayByPath({
    lowers: [{ path: skeleton }, ...above],
    directory: pathOf(directory),
    isVolatile,
    isUserXattr: form.isUserXattr,
  });
  if (root === undefined || lease === undefined) throw new RangeError('overlayByPath() gives two mounts');
  return { root, lease, layers: [], spent: layers.map(({ fd }) => fd) };
}

function openDirectory(path: string): Fd {
  return openFile(path, O.PATH | O.DIRECTORY | O.NOFOLLOW);
}

/** Of an open directory. */
function pathOf(fd: number): string {
  const buffer = new Uint8Array(PATH_MAX);
  return utf8(buffer, 0, sys('readlink', `/proc/self/fd/${fd}`, buffer, buffer.length));
}
