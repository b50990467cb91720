import { LOG_FILE, type Places } from '../monitor/places.ts';
import { dataPath } from '../volume/volume-places.ts';
import { containerUsage } from './container-changes.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer, statusOf, type ContainerStatus } from './container-status.ts';
import { imageOfContainers } from './describe-container.ts';
import { engineError } from './errors.ts';
import { readHealth } from './health/health-file.ts';
import { hostConfig } from './inspect/host-config.ts';
import { innerConfig } from './inspect/inner-config.ts';
import { networkSettings } from './network/network-settings.ts';
import { isPaused } from './paused.ts';
import type { Roots } from './roots.ts';
import type { Volume } from './run-request.ts';

/** Docker's word for a moment that hasn't come. */
const NEVER = '0001-01-01T00:00:00Z';

/** A container in the shape of Docker's own answer (Engine API, ContainerInspect). `hasSize` adds what it takes. */
export function inspectContainer(roots: Roots, places: Places, hasSize = false): object {
  using directory = openContainer(places);
  const { name } = places;
  if (directory === undefined) {
    throw engineError(
      'ENGINE_CONTAINER_DAMAGED',
      `The container ${name} was never created whole: remove it with corten rm -f ${name}`,
    );
  }
  const config = readConfig(directory.number, name);
  const status = statusOf(directory.number);
  const [path = '', ...args] = [...config.entrypoint, ...config.command];
  return {
    Id: config.id,
    Created: config.created,
    Path: path,
    Args: args,
    State: stateOf(directory.number, status, config),
    Image: config.image?.id ?? '',
    ResolvConfPath: `${places.directory}/resolv.conf`,
    HostnamePath: `${places.directory}/hostname`,
    HostsPath: `${places.directory}/hosts`,
    LogPath: config.settings?.log?.driver === 'none' ? '' : `${places.directory}/${LOG_FILE}`,
    Name: `/${name}`,
    RestartCount: status.journal.started?.restarts ?? 0,
    Driver: config.rootfs === undefined ? 'erofs' : 'rootfs',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: hostConfig(config),
    GraphDriver: graphDriver(roots, places, config),
    ...(hasSize ? sizes(roots, places, config) : {}),
    Mounts: config.volumes.filter(({ type }) => type !== 'tmpfs').map((volume) => mountOf(roots, volume)),
    Config: innerConfig(config),
    // podman's field, of containers in a pod alone.
    ...(config.pod === undefined ? {} : { Pod: config.pod }),
    NetworkSettings: networkSettings(config, places),
  };
}

function stateOf(directory: number, { state, journal }: ContainerStatus, config: ContainerConfig): object {
  const { started, exited, failed } = journal;
  const isFrozen = state === 'running' && isPaused(directory);
  return {
    Status: isFrozen ? 'paused' : state,
    Running: state === 'running' || state === 'restarting',
    Paused: isFrozen,
    Restarting: state === 'restarting',
    OOMKilled: exited?.isOomKilled === true,
    Dead: state === 'lost',
    Pid: state === 'running' ? (started?.pid ?? 0) : 0,
    ExitCode: exited?.code ?? 0,
    Error: failed?.message ?? '',
    StartedAt: started?.time ?? NEVER,
    FinishedAt: exited?.time ?? NEVER,
    ...(config.health === undefined || started === undefined
      ? {}
      : { Health: healthOf(directory, started.time) }),
  };
}

function healthOf(directory: number, startedAt: string): object {
  const health = readHealth(directory, startedAt);
  if (health === undefined) return { Status: 'starting', FailingStreak: 0, Log: [] };
  const log = health.log.map(({ start, end, exitCode, output }) => ({
    Start: start,
    End: end,
    ExitCode: exitCode,
    Output: output,
  }));
  return { Status: health.status, FailingStreak: health.failures, Log: log };
}

function mountOf(
  { store }: Roots,
  { type, source, destination, mode, isReadOnly, propagation }: Volume,
): object {
  const isVolume = type === 'volume';
  return {
    Type: type,
    ...(isVolume ? { Name: source } : {}),
    Source: isVolume ? dataPath(store, source) : source,
    Destination: destination,
    ...(isVolume ? { Driver: 'local' } : {}),
    Mode: mode,
    RW: !isReadOnly,
    Propagation: isVolume ? '' : propagation,
  };
}

/** Where its files lie; nothing of them is mounted where the host could see it. */
function graphDriver({ store }: Roots, { directory }: Places, { image, rootfs }: ContainerConfig): object {
  if (image === undefined) return { Name: 'rootfs', Data: { Directory: rootfs ?? '' } };
  const layers = image.layers.map((file) => `${store}/${file}`);
  return {
    Name: 'erofs',
    Data: {
      LowerDir: layers.toReversed().join(':'),
      UpperDir: `${directory}/upper`,
      WorkDir: `${directory}/work`,
    },
  };
}

function sizes(roots: Roots, places: Places, { image }: ContainerConfig): object {
  const { size } = containerUsage(places);
  const below = image === undefined ? 0 : (imageOfContainers(roots, image.id)?.size ?? 0);
  return { SizeRw: size, SizeRootFs: size + below };
}
