import { O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { snapshotError } from '../errors.ts';
import type { ImageMountRequest } from '../rootfs-request.ts';
import { mountLayer } from '../mount-layer.ts';
import { mountOverlay } from '../mount-overlay.ts';
import { requireTrees, treeOf } from './directory-layers.ts';
import { mountLayerByLoop } from './loop-layer.ts';
import { overlayByPath, type Lower } from './overlay-by-path.ts';
import type { StoreForm } from './store-form.ts';

/** The files of an image as a detached mount that nobody can write. Throws SNAPSHOT_OVERLAY_REFUSED. */
export function mountImageAs(form: StoreForm, request: ImageMountRequest): Fd {
  if (form.overlay === 'none') {
    const text = `The store ${request.store} lies on a file system without overlay, where an image can't be mounted: corten unpack makes a directory of it`;
    throw snapshotError('SNAPSHOT_OVERLAY_REFUSED', text);
  }
  const opened: Fd[] = [];
  try {
    const lowers = lowersOf(form, request, opened);
    const { isUserXattr } = form;
    if (form.overlay === 'descriptors') {
      const numbers = lowers.map(
        (lower) => ('mount' in lower ? lower.mount : keep(opened, lower.path)).number,
      );
      return mountOverlay({ lowers: numbers, isVolatile: false, isUserXattr });
    }
    const [root, spare] = overlayByPath({ lowers, isVolatile: false, isUserXattr });
    if (root === undefined || spare === undefined) throw new RangeError('overlayByPath() gives two mounts');
    spare.close();
    return root;
  } finally {
    for (const fd of opened) fd.close();
  }
}

function lowersOf(
  form: StoreForm,
  { store, layers, bottom }: ImageMountRequest,
  opened: Fd[],
): readonly Lower[] {
  if (form.layers === 'directory') {
    requireTrees(store, layers, form.isUserXattr);
    return [{ path: bottom }, ...layers.map((layer) => ({ path: treeOf(store, layer) }))];
  }
  const mount = form.layers === 'erofs-file' ? mountLayer : mountLayerByLoop;
  return [{ path: bottom }, ...layers.map((layer) => ({ mount: push(opened, mount(layer)) }))];
}

function keep(opened: Fd[], path: string): Fd {
  return push(opened, openFile(path, O.PATH | O.DIRECTORY | O.NOFOLLOW));
}

function push(opened: Fd[], fd: Fd): Fd {
  opened.push(fd);
  return fd;
}
