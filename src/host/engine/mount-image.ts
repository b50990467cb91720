import type { ImageRecord } from '../../pure/store/find-image.ts';
import { attempt, isSysError, sys } from '../kernel/call.ts';
import { MNT_DETACH, O } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { makeDirectories, openFile, readDirectory } from '../kernel/files.ts';
import { attachMount } from '../kernel/mounts.ts';
import { mountImage as mountFiles } from '../snapshot/mount-image.ts';
import { engineError } from './errors.ts';
import { resolveImage } from './images/resolve-image.ts';
import { isMountPoint } from './images/mounted-images.ts';
import { imageMountsFolder, type Roots } from './roots.ts';

const PRIVATE = 0o700;
const SHOWN_MODE = 0o755;

export interface MountedImage {
  readonly id: string;
  readonly path: string;
}

/** Mounts the files of an image where root can look at them, read-only. One that is mounted stays as it is. */
export function mountImage(roots: Roots, reference: string): MountedImage {
  const { record } = resolveImage(roots, reference);
  const path = pathOf(roots, record);
  if (isMountPoint(path)) return { id: record.id, path };
  makeDirectories(imageMountsFolder(roots), PRIVATE);
  const empty = `${imageMountsFolder(roots)}/.empty`;
  makeDirectories(empty, SHOWN_MODE);
  makeDirectories(path, PRIVATE);
  using root = mountFiles({
    store: roots.store,
    layers: record.layers.map((file) => `${roots.store}/${file}`),
    bottom: empty,
  });
  using target = openFile(path, O.PATH | O.DIRECTORY | O.NOFOLLOW);
  attachMount(root.number, target.number);
  return { id: record.id, path };
}

/** Every image that is mounted. */
export function mountedImages(roots: Roots): readonly MountedImage[] {
  return namesIn(imageMountsFolder(roots))
    .map((hex) => ({ id: `sha256:${hex}`, path: `${imageMountsFolder(roots)}/${hex}` }))
    .filter(({ path }) => isMountPoint(path));
}

/** Unmounts an image, by name or by ID; with `isForced` though a program is in it. Throws ENGINE_IMAGE_NOT_MOUNTED. */
export function unmountImage(roots: Roots, reference: string, isForced: boolean): MountedImage {
  const mounted = mountedImages(roots);
  const byId = mounted.filter(({ id }) =>
    id.replace('sha256:', '').startsWith(reference.replace('sha256:', '')),
  );
  const id = byId.length === 1 ? byId[0]?.id : resolveImage(roots, reference).record.id;
  const found = mounted.find((one) => one.id === id);
  if (found === undefined) {
    throw engineError(
      'ENGINE_IMAGE_NOT_MOUNTED',
      `The image ${reference} is not mounted: corten image mount lists those that are`,
    );
  }
  const result = attempt('umount2', found.path, isForced ? MNT_DETACH : 0);
  if (result === -ERRNO.EBUSY) {
    const text = `A program is at work in ${found.path}: end it, or unmount with --force`;
    throw engineError('ENGINE_IMAGE_IN_USE', text);
  }
  if (result < 0) sys('umount2', found.path, isForced ? MNT_DETACH : 0);
  attempt('rmdir', found.path);
  return found;
}

function pathOf(roots: Roots, { id }: ImageRecord): string {
  return `${imageMountsFolder(roots)}/${id.slice('sha256:'.length)}`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readDirectory(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}
