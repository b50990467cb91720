import { toHost } from '../../../pure/spec/id-shift.ts';
import type { Mount, Spec } from '../../../pure/spec/runtime.ts';
import { isSysError } from '../../kernel/call.ts';
import { MOUNT_ATTR, O } from '../../kernel/constants.ts';
import { makeDirectories, openAt, openFile, Fd } from '../../kernel/files.ts';
import { cloneTree, openInRoot, setMountAttributes, tryOpenInRoot } from '../../kernel/mounts.ts';

import { copyTree } from '../../runtime/copy-tree.ts';
import type { MappedBy } from '../../snapshot/rootfs-request.ts';
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
  /** Where the container has ids of its own. */
  readonly mapped: MappedBy | undefined;
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
  const isMapped = showsOwnIds(volume, showing);
  if (options.isOwned === true && !isReadOnly) changeOwner(source, isMapped ? owner : onHost(owner, showing));
  return {
    destination,
    type: 'bind',
    source,
    options: [
      options.isNotRecursive === true ? 'bind' : 'rbind',
      volume.propagation,
      isReadOnly ? 'rro' : 'rw',
      ...(isMapped ? [options.isNotRecursive === true ? 'idmap' : 'ridmap'] : []),
      ...(options.mount ?? []),
    ],
  };
}

/** Volumes belong to containers, whose ids their files have on the disk, whatever host's ids those are. */
function showsOwnIds({ type, options = {} }: Volume, { config, mapped }: Showing): boolean {
  if (options.isIdMapped === true && mapped === undefined) {
    const text = `The option idmap of a volume of ${config.name} needs ids of the container's own: add --userns=auto`;
    throw engineError('ENGINE_IDS_MISSING', text);
  }
  return mapped !== undefined && (type === 'volume' || options.isIdMapped === true);
}

function onHost(owner: Owner, { config }: Showing): Owner {
  if (config.ids === undefined) return owner;
  const shift = toHost(config.ids);
  return { uid: shift.uid(owner.uid), gid: shift.gid(owner.gid) };
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
  const { roots, root, mounts, mapped } = showing;
  if (options.isNotCopied !== true) {
    const flags = O.RDONLY | O.DIRECTORY;
    const opened = tryOpenInRoot(root, destination.slice(1), flags);
    using source = opened < 0 ? undefined : new Fd(opened);
    if (source !== undefined) {
      const view = (target: Fd): Fd =>
        mapped === undefined ? target : mappedDirectory(target, mapped.withHost);
      fillVolume(roots.store, name, { source, copy: copyTree, view });
    }
  }
  const path = dataPath(roots.store, name);
  if (options.subpath === undefined) return path;
  using data = openFile(path, O.PATH | O.DIRECTORY);
  const part = partOf(data, options.subpath, `The volume ${name}`);
  if (mapped !== undefined) mapIds(part, mapped.own);
  mounts.set(destination, part);
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

/** A directory by a mount that shows the ids of a user namespace: what is written through it has others on the disk. */
function mappedDirectory(directory: Fd, namespace: Fd): Fd {
  using tree = cloneTree(directory.number, '', false);
  mapIds(tree, namespace);
  return openAt(tree.number, '.', O.RDONLY | O.DIRECTORY);
}

function mapIds(tree: Fd, namespace: Fd): void {
  const attributes = { set: MOUNT_ATTR.IDMAP, clear: 0, isRecursive: true, userNamespace: namespace.number };
  setMountAttributes(tree.number, attributes);
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
