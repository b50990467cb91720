import { attempt, isSysError } from '../kernel/call.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { openAt, openFile, type Fd } from '../kernel/files.ts';
import { sleep } from '../kernel/process.ts';
import { copyOfMount } from './mounts/mount-call.ts';
import { snapshotError } from './errors.ts';
import { mountLayer } from './mount-layer.ts';
import { mountOverlay } from './mount-overlay.ts';
import { mappedPartsModule } from './mounts/mapped-parts.ts';
import { copyOwnerAndMode, openUpper } from './mounts/upper.ts';
import type { LayerMount, MappedBy, MountedRootfs, RootfsRequest } from './rootfs-request.ts';

const PAUSE_MS = 5;
const ROOTFS_LOCK = 'rootfs.lock';
const OTHER_FORMS = 'snapshot/forms/other-forms.chunk.js';

/**
 * The root file system of a container: its layers, and the upper that takes what the container writes. The caller
 * holds lockRootfs(). Layers by file and an overlay by descriptors are tried first; where the kernel or the store
 * refuses that, what works there is found out once and recorded.
 */
export function mountRootfs(request: RootfsRequest): MountedRootfs {
  try {
    return mountByDescriptors(request);
  } catch (error) {
    return (load(OTHER_FORMS) as typeof import('./forms/other-forms.chunk.ts')).mountOtherwise(
      request,
      error,
      mountByDescriptors,
    );
  }
}

function mountByDescriptors({
  layers,
  skeleton,
  directory,
  isVolatile,
  shared,
  mapped,
}: RootfsRequest): MountedRootfs {
  using made = openUpper(directory);
  const bottom = openFile(skeleton, O.PATH | O.DIRECTORY | O.NOFOLLOW);
  const spent = [bottom];
  const mounted: LayerMount[] = [];
  let root: Fd | undefined;
  try {
    for (const file of layers) mounted.push({ file, fd: shared?.get(file) ?? mountLayer(file) });
    if (made.isNew) copyOwnerAndMode(mounted.at(-1)?.fd ?? bottom, made.upper);
    const lowers = [bottom.number, ...mounted.map(({ fd }) => fd.number)];
    const parts = mapped && mappedPartsModule().mappedParts(lowers, directory, mapped);
    spent.push(...(parts === undefined ? [] : [...parts.lowers, parts.container, parts.upper, parts.work]));
    const { upper, work } = parts ?? made;
    const below = parts?.lowers.map(({ number }) => number) ?? lowers;
    root = mountOverlay({ lowers: below, upper: upper.number, work: work.number, isVolatile });
    return { root, lease: copyOfMount(root.number, '', false), layers: mounted, spent };
  } catch (error) {
    for (const fd of [...spent, root]) fd?.close();
    for (const { file, fd } of mounted) if (shared?.has(file) !== true) fd.close();
    throw error;
  }
}

/**
 * The upper belongs to the holder: a second overlay on it would damage both. Another command's is waited for as long as
 * `patience` says, in milliseconds. Throws SNAPSHOT_IN_USE.
 */
export function lockRootfs(directory: number, patience = 0): Fd {
  const lock = openAt(directory, ROOTFS_LOCK, O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  for (let waited = 0; attempt('flock', lock.number, LOCK.EX | LOCK.NB) !== 0; waited += PAUSE_MS) {
    if (waited >= patience) {
      lock.close();
      const text =
        "The container's root file system is in use by another command: try again when that has ended";
      throw snapshotError('SNAPSHOT_IN_USE', text);
    }
    sleep(PAUSE_MS);
  }
  return lock;
}

/** A directory of the host as a root file system, with what is mounted below it, as a detached mount. */
export function bindRootfs(path: string, mapped?: MappedBy): Fd {
  try {
    using directory = openFile(path, O.PATH | O.DIRECTORY);
    if (mapped !== undefined) return mappedPartsModule().mappedCopy(directory.number, mapped.withHost);
    return copyOfMount(directory.number, '', true);
  } catch (error) {
    if (!isSysError(error, 'ENOENT', 'ENOTDIR')) throw error;
    throw snapshotError('SNAPSHOT_DIRECTORY_MISSING', `The root file system ${path} is no directory`, error);
  }
}
