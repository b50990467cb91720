import { attempt, sys } from '../kernel/call.ts';
import type { Fd } from '../kernel/files.ts';
import { MonitorConnection } from '../monitor/connect-monitor.ts';
import { removeContainer } from '../monitor/remove-container.ts';
import { startMonitor, type Prepared } from '../monitor/start-monitor.ts';
import { bindRootfs, lockRootfs, mountRootfs, type MountedRootfs } from '../snapshot/mount-rootfs.ts';
import type { ContainerConfig } from './container-config.ts';
import { createContainer, type CreatedContainer } from './create-container.ts';
import { engineError } from './errors.ts';
import { makeEtcFiles } from './files/etc-files.ts';
import { requireSkeleton } from './files/skeleton.ts';
import type { Roots } from './roots.ts';
import type { RunRequest } from './run-request.ts';
import { prepareNetwork } from './network/prepare-network.ts';
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
  const { root, layers } =
    config.rootfs === undefined
      ? mountImage(roots, config, directory)
      : { root: bindRootfs(config.rootfs), layers: [] };
  const user = resolveUser(root.number, config.user);
  const network = prepareNetwork(roots, config, places);
  const etc = makeEtcFiles(config, places.directory, { root: root.number, network });
  return {
    spec: containerSpec(config, { user, etc, networkNamespace: network?.namespace.number }),
    rootfs: root,
    kept: [lock],
    spent: [...layers, ...(network?.spent ?? [])],
    ...(network === undefined ? {} : { network }),
  };
}

function mountImage(roots: Roots, config: ContainerConfig, directory: Fd): MountedRootfs {
  return mountRootfs({
    layers: layersOf(roots, config),
    skeleton: requireSkeleton(roots),
    directory: directory.number,
    isVolatile: config.isAutoRemove,
  });
}

function layersOf({ store }: Roots, { image }: ContainerConfig): readonly string[] {
  return (image?.layers ?? []).map((file) => `${store}/${file}`);
}
