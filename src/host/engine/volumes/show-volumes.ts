import type { Mount, Spec } from '../../../pure/spec/runtime.ts';
import { isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { makeDirectories, openFile, Fd } from '../../kernel/files.ts';
import { cloneTree, openInRoot, tryOpenInRoot } from '../../kernel/mounts.ts';

import { copyTree } from '../../runtime/copy-tree.ts';
import type { NewEvent } from '../../monitor/events.ts';
import { mountImage } from '../../snapshot/mount-image.ts';
import { fillVolume } from '../../volume/fill-volume.ts';
import { dataPath } from '../../volume/volume-places.ts';
import type { ContainerConfig } from '../container-config.ts';
import { engineError } from '../errors.ts';
import { requireSkeleton } from '../files/skeleton.ts';
import { resolveImage } from '../images/resolve-image.ts';
import type { Roots } from '../roots.ts';
import type { Volume } from '../run-request.ts';
import { changeOwner } from './change-owner.ts';

export interface Showing {
  readonly config: ContainerConfig;
  readonly roots: Roots;
  /** The container's root file system, open. */
  readonly root: number;
  /** Gets detached mounts, by the places where they are to be. */
  readonly mounts: Map<string, Fd>;
}

/** The spec with all of a container's volumes as mounts, further up first; volumes are filled by the image here. */
export function withVolumes(spec: Spec, showing: Showing): Spec {
  const { volumes } = showing.config;
  const own = new Set(volumes.map(({ destination }) => destination));
  const { uid, gid } = spec.process.user;
  const mounts = volumes.map((volume) => mountOf(volume, showing, { uid, gid }));
  return { ...spec, mounts: [...spec.mounts.filter(({ destination }) => !own.has(destination)), ...mounts] };
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function mountOf(volume: Volume, showing: Showing, owner: Owner): Mount {
  const { type, destination, isReadOnly, options = {} } = volume;
  if (type === 'tmpfs') {
    const own = options.isOwned === true ? [`uid=${owner.uid}`, `gid=${owner.gid}`] : [];
    const flags = [...(options.mount ?? []), ...own, ...(isReadOnly ? ['ro'] : [])];
    return { destination, type: 'tmpfs', source: 'tmpfs', options: flags };
  }
  const source = sourceOf(volume, showing);
  if (options.isOwned === true && !isReadOnly) changeOwner(source, owner);
  return {
    destination,
    type: 'bind',
    source,
    options: [
      options.isNotRecursive === true ? 'bind' : 'rbind',
      volume.propagation,
      isReadOnly ? 'rro' : 'rw',
      ...(options.mount ?? []),
    ],
  };
}

function sourceOf(volume: Volume, showing: Showing): string {
  const { type, source, options = {} } = volume;
  switch (type) {
    case 'volume':
      return sourceOfVolume(volume, showing);
    case 'image':
      return sourceOfImage(volume, showing);
    default:
      if (options.isMade === true) makeDirectories(source);
      return source;
  }
}

function sourceOfVolume({ source: name, destination, options = {} }: Volume, showing: Showing): string {
  const { roots, root, mounts } = showing;
  if (options.isNotCopied !== true) {
    const flags = O.RDONLY | O.DIRECTORY;
    const opened = tryOpenInRoot(root, destination.slice(1), flags);
    using source = opened < 0 ? undefined : new Fd(opened);
    if (source !== undefined) fillVolume(roots.store, name, { source, copy: copyTree });
  }
  const path = dataPath(roots.store, name);
  if (options.subpath === undefined) return path;
  using data = openFile(path, O.PATH | O.DIRECTORY);
  mounts.set(destination, partOf(data, options.subpath, `The volume ${name}`));
  return `${path}/${options.subpath}`;
}

/** Its layers under an overlay without an upper, or a part of that. */
function sourceOfImage(
  { source: reference, destination, options = {} }: Volume,
  { roots, mounts }: Showing,
): string {
  const { record } = resolveImage(roots, reference);
  const layers = record.layers.map((file) => `${roots.store}/${file}`);
  const image = mountImage({ store: roots.store, layers, bottom: requireSkeleton(roots) });
  if (options.subpath === undefined) mounts.set(destination, image);
  else {
    using whole = image;
    mounts.set(destination, partOf(whole, options.subpath, `The image ${reference}`));
  }
  return reference;
}

/** What is below a tree that others may write: never outside of it. */
function partOf(root: Fd, path: string, what: string): Fd {
  try {
    using part = openInRoot(root.number, path, O.PATH);
    return cloneTree(part.number, '', true);
  } catch (error) {
    if (!isSysError(error, 'ENOENT', 'ENOTDIR')) throw error;
    throw engineError('ENGINE_SUBPATH_MISSING', `${what} has no "${path}", which a mount wants`, error);
  }
}

/** As docker tells that volumes are mounted. */
export function mountEvents({ id, volumes }: ContainerConfig): readonly NewEvent[] {
  return volumes
    .filter(({ type }) => type === 'volume')
    .map(({ source, destination, isReadOnly, propagation }) => {
      const place = { container: id, destination, driver: 'local' };
      const attributes = { ...place, propagation, 'read/write': String(!isReadOnly) };
      return { type: 'volume', action: 'mount', id: source, attributes };
    });
}
