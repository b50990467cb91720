import { attempt, isSysError, sys } from '../kernel/call.ts';
import { AT, LOCK, O } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { openAt, openFile, type Fd } from '../kernel/files.ts';
import { cloneTree } from '../kernel/mounts.ts';
import { statusOf } from '../kernel/stat.ts';
import { snapshotError } from './errors.ts';
import { mountLayer } from './mount-layer.ts';
import { mountOverlay } from './mount-overlay.ts';

/** In the container's directory; they belong to whoever holds the lock. */
const UPPER_FOLDER = 'upper';
const WORK_FOLDER = 'work';
const ROOTFS_LOCK = 'rootfs.lock';

export interface RootfsRequest {
  /** EROFS files, bottom first. */
  readonly layers: readonly string[];
  /** An ordinary directory below all layers, with the mount points that every container needs. */
  readonly skeleton: string;
  /** The container's directory, open. */
  readonly directory: number;
  readonly isVolatile: boolean;
}

export interface MountedRootfs {
  /** A detached mount. */
  readonly root: Fd;
  /**
   * Of its layers, for the caller to close: the overlay has its own hold on them. Each that is closed waits for
   * the whole machine's processors (0.1 to 0.5 ms), so best when nobody else waits.
   */
  readonly layers: readonly Fd[];
}

/**
 * The root file system of a container: its layers, and an upper, empty at first, that takes what the container writes.
 * The caller holds lockRootfs().
 */
export function mountRootfs({ layers, skeleton, directory, isVolatile }: RootfsRequest): MountedRootfs {
  using upper = makeFolder(directory, UPPER_FOLDER);
  using work = makeFolder(directory, WORK_FOLDER);
  const lowers: Fd[] = [];
  try {
    lowers.push(openFile(skeleton, O.PATH | O.DIRECTORY | O.NOFOLLOW));
    for (const layer of layers) lowers.push(mountLayer(layer));
    copyOwnerAndMode(lowers.at(-1) ?? upper, upper);
    const numbers = lowers.map((fd) => fd.number);
    return {
      root: mountOverlay({ lowers: numbers, upper: upper.number, work: work.number, isVolatile }),
      layers: lowers,
    };
  } catch (error) {
    for (const fd of lowers) fd.close();
    throw error;
  }
}

/** The upper belongs to the holder: a second overlay on it would damage both. Throws SNAPSHOT_IN_USE. */
export function lockRootfs(directory: number): Fd {
  const lock = openAt(directory, ROOTFS_LOCK, O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  if (attempt('flock', lock.number, LOCK.EX | LOCK.NB) === 0) return lock;
  lock.close();
  throw snapshotError('SNAPSHOT_IN_USE', "The container's root file system is in use by another command");
}

/** A directory of the host as a root file system, with what is mounted below it, as a detached mount. */
export function bindRootfs(path: string): Fd {
  try {
    using directory = openFile(path, O.PATH | O.DIRECTORY);
    return cloneTree(directory.number, '', true);
  } catch (error) {
    if (!isSysError(error, 'ENOENT', 'ENOTDIR')) throw error;
    throw snapshotError('SNAPSHOT_DIRECTORY_MISSING', `The root file system ${path} is no directory`, error);
  }
}

/** There already where the container was started before. */
function makeFolder(directory: number, name: string): Fd {
  const made = attempt('mkdirat', directory, name, 0o755);
  if (made < 0 && made !== -ERRNO.EEXIST) sys('mkdirat', directory, name, 0o755);
  return openAt(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
}

/** The root directory of an overlay is its upper's. */
function copyOwnerAndMode(from: Fd, to: Fd): void {
  const wanted = statusOf(from.number);
  const actual = statusOf(to.number);
  if (wanted.uid !== actual.uid || wanted.gid !== actual.gid) {
    sys('fchownat', to.number, '', wanted.uid, wanted.gid, AT.EMPTY_PATH);
  }
  if ((wanted.mode & 0o7777) !== (actual.mode & 0o7777)) sys('fchmod', to.number, wanted.mode & 0o7777);
}
