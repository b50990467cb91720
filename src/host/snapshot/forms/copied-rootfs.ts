import { attempt, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openAt, type Fd } from '../../kernel/files.ts';
import { mappedPartsModule } from '../mounts/mapped-parts.ts';
import { copyOfMount } from '../mounts/mount-call.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { openLayer } from '../mounts/erofs.ts';
import type { MountedRootfs, RootfsRequest } from '../rootfs-request.ts';
import { startUnpacking } from '../unpack/unpack-confined.ts';
import { COPY_FOLDER } from './copy-folder.ts';
import { addMountPoints } from './mount-points.ts';

const MAKING = 'rootfs.making';

/** A container's own copy of its image: slow to make and large, and right everywhere. */
export function copyRootfs(request: RootfsRequest): MountedRootfs {
  const { directory, mapped } = request;
  if (attempt('faccessat', directory, COPY_FOLDER, 0) < 0) makeCopy(request);
  if (mapped !== undefined) {
    using copy = openAt(directory, COPY_FOLDER, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    const show = (): Fd => mappedPartsModule().mappedCopy(copy.number, mapped.withHost);
    return { root: show(), lease: show(), layers: [], spent: [] };
  }
  const root = copyOfMount(directory, COPY_FOLDER, false);
  return { root, lease: copyOfMount(directory, COPY_FOLDER, false), layers: [], spent: [] };
}

function makeCopy({ directory, layers, skeleton }: RootfsRequest): void {
  removeTree(directory, MAKING);
  sys('mkdirat', directory, MAKING, 0o755);
  const images: Fd[] = [];
  try {
    using copy = openAt(directory, MAKING, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    for (const layer of layers) images.push(openLayer(layer));
    const numbers = images.map((fd) => fd.number);
    startUnpacking({ images: numbers, directory: copy.number, marks: 'applied' }).finish();
    addMountPoints(skeleton, copy.number);
    sys('renameat', directory, MAKING, directory, COPY_FOLDER);
  } catch (error) {
    removeTree(directory, MAKING);
    throw error;
  } finally {
    for (const image of images) image.close();
  }
}
