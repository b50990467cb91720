import type { IdMaps } from '../../pure/spec/id-shift.ts';
import type { Fd } from '../kernel/files.ts';
import { sleep } from '../kernel/process.ts';
import { isCortenError } from '../../pure/base/errors.ts';
import { connectMonitor } from '../monitor/connect-monitor.ts';
import { requestRootfs } from '../monitor/request-mounts.ts';
import type { Places } from '../monitor/places.ts';
import { bindRootfs, lockRootfs, mountRootfs } from '../snapshot/mount-rootfs.ts';
import type { MountedRootfs } from '../snapshot/rootfs-request.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { engineError, noSuchContainer } from './errors.ts';
import { requireSkeleton } from './files/skeleton.ts';
import type { Roots } from './roots.ts';

const PAUSE_MS = 5;
const TRIES = 2000;

/**
 * The right to a container's root file system: the upper has one holder at a time. Either its monitor lives and
 * hands out its own overlay, or this command mounts one and holds the lock until the lease is disposed.
 */
export interface RootfsLease {
  /** A detached mount of what the container sees, without what is mounted in it; read-only unless asked for. */
  readonly root: Fd;
  /** The container's directory, open. */
  readonly directory: Fd;
  readonly config: ContainerConfig;
  /** Where its files show ids of the host: which are those of the container. */
  readonly ids: IdMaps | undefined;
  [Symbol.dispose](): void;
}

/** Throws ENGINE_CONTAINER_NOT_FOUND, ENGINE_CONTAINER_BUSY, and what mountRootfs() throws. */
export function leaseRootfs(roots: Roots, places: Places, access: 'read' | 'write'): RootfsLease {
  const directory = openContainer(places);
  if (directory === undefined) throw noSuchContainer(places.name);
  try {
    const config = readConfig(directory.number, places.name);
    for (let tries = 0; tries < TRIES; tries++) {
      const lease = fromMonitor(directory, access) ?? ownMount(roots, directory, config);
      if (lease !== undefined) return leaseOf({ ...lease, directory, config });
      // Between a monitor's first breath and its socket, or its socket's end and its own.
      sleep(PAUSE_MS);
    }
  } catch (error) {
    directory.close();
    throw error;
  }
  directory.close();
  const text = `The container ${places.name} is in use by another command: try again`;
  throw engineError('ENGINE_CONTAINER_BUSY', text);
}

interface Held {
  readonly root: Fd;
  /** To close after the root. */
  readonly held: readonly Fd[];
  /** Whether it is what the container sees, ids of its own among that. */
  readonly isShared: boolean;
}

function fromMonitor(directory: Fd, access: 'read' | 'write'): Held | undefined {
  using connection = connectMonitor(directory.number);
  if (connection === undefined) return undefined;
  const root = requestRootfs(connection, access === 'write');
  return root === undefined ? undefined : { root, held: [], isShared: true };
}

function ownMount(roots: Roots, directory: Fd, config: ContainerConfig): Held | undefined {
  const lock = tryLock(directory);
  if (lock === undefined) return undefined;
  try {
    const { root, lease, layers, spent } = mountAnew(roots, directory, config);
    lease.close();
    return { root, held: [...layers.map(({ fd }) => fd), ...spent, lock], isShared: false };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function tryLock(directory: Fd): Fd | undefined {
  try {
    return lockRootfs(directory.number);
  } catch (error) {
    if (isCortenError(error) && error.code === 'SNAPSHOT_IN_USE') return undefined;
    throw error;
  }
}

function mountAnew(roots: Roots, directory: Fd, { rootfs, image }: ContainerConfig): MountedRootfs {
  if (rootfs !== undefined)
    return { root: bindRootfs(rootfs), lease: bindRootfs(rootfs), layers: [], spent: [] };
  return mountRootfs({
    store: roots.store,
    layers: (image?.layers ?? []).map((file) => `${roots.store}/${file}`),
    skeleton: requireSkeleton(roots),
    directory: directory.number,
    isVolatile: false,
  });
}

function leaseOf({
  root,
  held,
  isShared,
  directory,
  config,
}: Held & Pick<RootfsLease, 'directory' | 'config'>): RootfsLease {
  return {
    root,
    directory,
    config,
    ids: isShared ? config.ids : undefined,
    [Symbol.dispose]: () => {
      for (const fd of [root, ...held, directory]) fd.close();
    },
  };
}
