import { attempt, sys } from '../kernel/call.ts';
import type { Fd } from '../kernel/files.ts';
import { MonitorConnection } from '../monitor/connect-monitor.ts';
import { removeContainer } from '../monitor/remove-container.ts';
import { startMonitor, type Prepared } from '../monitor/start-monitor.ts';
import { bindRootfs, lockRootfs, mountRootfs } from '../snapshot/mount-rootfs.ts';
import type { LayerMount, MountedRootfs } from '../snapshot/rootfs-request.ts';
import type { ContainerConfig } from './container-config.ts';
import { createContainer, type CreatedContainer } from './create-container.ts';
import { engineError } from './errors.ts';
import { makeEtcFiles } from './files/etc-files.ts';
import { requireSkeleton } from './files/skeleton.ts';
import { announceLayers, sharedLayers } from './images/shared-layers.ts';
import type { Roots } from './roots.ts';
import type { RunRequest } from './run-request.ts';
import { containerSpec } from './spec/container-spec.ts';
import { resolveUser } from './users/resolve-user.ts';

const UMASK = 0o022;

export interface RunningContainer {
  readonly id: string;
  readonly name: string;
  /** The monitor, a child of the caller. */
  readonly pid: number;
  /** STARTED or FAILED comes first. */
  readonly connection: MonitorConnection;
}

/**
 * Makes a container and the monitor that runs it. With `isAttached` the connection carries the container's streams
 * from the first byte on. Whatever fails leaves nothing. Blocks the caller's signals, as startMonitor() does.
 */
export function runContainer(roots: Roots, request: RunRequest, isAttached: boolean): RunningContainer {
  if (attempt('geteuid') !== 0) {
    throw engineError(
      'ENGINE_NOT_ROOT',
      'To run a container takes root so far: type the same command as root',
    );
  }
  // Files that a container sees must not depend on the caller's habits.
  sys('umask', UMASK);
  const created = createContainer(roots, request);
  const { config, places } = created;
  try {
    const { pid, socket } = startMonitor({
      places,
      directory: created.directory,
      isAutoRemove: config.isAutoRemove,
      hasTerminal: config.hasTerminal,
      hasStdin: config.hasStdin,
      isAttached,
      prepare: () => prepare(roots, created),
    });
    return { id: config.id, name: config.name, pid, connection: new MonitorConnection(socket) };
  } catch (error) {
    removeContainer(places);
    throw error;
  }
}

/** In the monitor, whose own the mounts are. */
function prepare(roots: Roots, { config, places, directory }: CreatedContainer): Prepared {
  const lock = lockRootfs(directory.number);
  const { root, lease, layers, spent } =
    config.rootfs === undefined ? mountImage(roots, config, directory) : bindDirectory(config.rootfs);
  const user = resolveUser(root.number, config.user);
  const etc = makeEtcFiles(config, places.directory, root.number);
  return {
    spec: containerSpec(config, { user, etc }),
    rootfs: root,
    layerFiles: layersOf(roots, config),
    lease,
    layers,
    kept: [lock],
    spent,
  };
}

function mountImage(roots: Roots, config: ContainerConfig, directory: Fd): MountedRootfs {
  const layers = layersOf(roots, config);
  const shared = sharedLayers(roots, layers);
  let used: readonly LayerMount[] = [];
  try {
    const mounted = mountRootfs({
      store: roots.store,
      layers,
      skeleton: requireSkeleton(roots),
      directory: directory.number,
      isVolatile: config.isAutoRemove,
      shared,
    });
    used = mounted.layers;
    announceLayers(roots, config.id, used);
    return mounted;
  } finally {
    for (const fd of shared.values()) if (used.every((layer) => layer.fd !== fd)) fd.close();
  }
}

function bindDirectory(path: string): MountedRootfs {
  return { root: bindRootfs(path), lease: bindRootfs(path), layers: [], spent: [] };
}

function layersOf({ store }: Roots, { image }: ContainerConfig): readonly string[] {
  return (image?.layers ?? []).map((file) => `${store}/${file}`);
}
