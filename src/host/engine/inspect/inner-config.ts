import type { ContainerConfig } from '../container-config.ts';
import { exposedPorts } from '../network/network-settings.ts';
import type { HealthSetting } from '../run-settings.ts';

const NANO_PER_MS = 1e6;

/** Config of docker's answer (Engine API, ContainerInspect), with podman's CreateCommand. */
export function innerConfig(config: ContainerConfig): object {
  const { settings = {}, health, commandLine } = config;
  const anonymous = config.volumes.filter(({ options }) => options?.isAnonymous === true);
  return {
    Hostname: config.hostname,
    Domainname: settings.domainname ?? '',
    User: config.user,
    AttachStdin: config.hasStdin,
    AttachStdout: true,
    AttachStderr: true,
    ...exposedPorts(config),
    Tty: config.hasTerminal,
    OpenStdin: config.hasStdin,
    StdinOnce: false,
    Env: config.env,
    Cmd: config.command.length === 0 ? null : config.command,
    ...(health === undefined ? {} : { Healthcheck: healthcheck(health) }),
    Image: config.image?.reference ?? '',
    Volumes:
      anonymous.length === 0
        ? null
        : Object.fromEntries(anonymous.map(({ destination }) => [destination, {}])),
    WorkingDir: config.workingDirectory,
    Entrypoint: config.entrypoint.length === 0 ? null : config.entrypoint,
    OnBuild: null,
    // Keys of strangers: Object.fromEntries defines them as own properties, whatever they are called.
    Labels: Object.fromEntries(config.labels),
    StopSignal: config.stopSignal,
    ...(settings.stopTimeout === undefined ? {} : { StopTimeout: settings.stopTimeout }),
    ...(settings.umask === undefined ? {} : { Umask: settings.umask.toString(8).padStart(4, '0') }),
    ...(commandLine === undefined ? {} : { CreateCommand: ['corten', ...commandLine] }),
  };
}

/** Times in nanoseconds, as the image configuration has them. */
function healthcheck({
  test,
  interval,
  timeout,
  startPeriod,
  startInterval,
  retries,
}: HealthSetting): object {
  return {
    Test: test,
    Interval: interval * NANO_PER_MS,
    Timeout: timeout * NANO_PER_MS,
    StartPeriod: startPeriod * NANO_PER_MS,
    StartInterval: startInterval * NANO_PER_MS,
    Retries: retries,
  };
}
