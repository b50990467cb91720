import { LOG_FILE, type Places } from '../monitor/places.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer, statusOf, type ContainerStatus } from './container-status.ts';
import { engineError } from './errors.ts';
import { exposedPorts, networkHostConfig, networkSettings } from './network/network-settings.ts';
import { isPaused } from './paused.ts';

/** Docker's word for a moment that hasn't come. */
const NEVER = '0001-01-01T00:00:00Z';

/** A container in the shape of Docker's own answer (Engine API, ContainerInspect), as far as it has those fields. */
export function inspectContainer(places: Places): object {
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
    State: stateOf(status, status.state === 'running' && isPaused(directory.number)),
    Image: config.image?.id ?? '',
    ResolvConfPath: `${places.directory}/resolv.conf`,
    HostnamePath: `${places.directory}/hostname`,
    HostsPath: `${places.directory}/hosts`,
    LogPath: `${places.directory}/${LOG_FILE}`,
    Name: `/${name}`,
    RestartCount: status.journal.started?.restarts ?? 0,
    Driver: config.rootfs === undefined ? 'erofs' : 'rootfs',
    Platform: 'linux',
    HostConfig: hostConfigOf(config),
    Mounts: config.volumes.map(({ source, destination, mode, isReadOnly, propagation }) => ({
      Type: 'bind',
      Source: source,
      Destination: destination,
      Mode: mode,
      RW: !isReadOnly,
      Propagation: propagation,
    })),
    Config: innerConfigOf(config),
    NetworkSettings: networkSettings(config, places),
  };
}

function stateOf({ state, journal }: ContainerStatus, isFrozen: boolean): object {
  const { started, exited, failed } = journal;
  return {
    Status: isFrozen ? 'paused' : state,
    Running: state === 'running' || state === 'restarting',
    Paused: isFrozen,
    Restarting: state === 'restarting',
    OOMKilled: false,
    Dead: state === 'lost',
    Pid: state === 'running' ? (started?.pid ?? 0) : 0,
    ExitCode: exited?.code ?? 0,
    Error: failed?.message ?? '',
    StartedAt: started?.time ?? NEVER,
    FinishedAt: exited?.time ?? NEVER,
  };
}

function hostConfigOf(config: ContainerConfig): object {
  const { volumes, isAutoRemove, isReadOnly, limits } = config;
  const binds = volumes.map(
    ({ source, destination, mode }) => `${source}:${destination}${mode === '' ? '' : `:${mode}`}`,
  );
  return {
    Binds: binds.length === 0 ? null : binds,
    ...networkHostConfig(config),
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    AutoRemove: isAutoRemove,
    ReadonlyRootfs: isReadOnly,
    Memory: limits.memory ?? 0,
    NanoCpus: limits.nanoCpus ?? 0,
    PidsLimit: limits.pids ?? null,
    Privileged: false,
    LogConfig: { Type: 'cri', Config: { 'max-size': '10m', 'max-file': '3' } },
  };
}

function innerConfigOf(config: ContainerConfig): object {
  return {
    Hostname: config.hostname,
    User: config.user,
    AttachStdin: config.hasStdin,
    Tty: config.hasTerminal,
    OpenStdin: config.hasStdin,
    Env: config.env,
    Cmd: config.command.length === 0 ? null : config.command,
    ...exposedPorts(config),
    Image: config.image?.reference ?? '',
    WorkingDir: config.workingDirectory,
    Entrypoint: config.entrypoint.length === 0 ? null : config.entrypoint,
    // Keys of strangers: Object.fromEntries defines them as own properties, whatever they are called.
    Labels: Object.fromEntries(config.labels),
    StopSignal: config.stopSignal,
  };
}
