import type { ContainerConfig } from '../container-config.ts';
import { networkHostConfig } from '../network/network-settings.ts';
import type { BlkioDevice, Limits, Volume } from '../run-request.ts';
import type { LogOptions } from '../../monitor/supervision.ts';
import type { RunSettings } from '../run-settings.ts';
import { MASKED_PATHS, READONLY_PATHS } from '../spec/defaults.ts';

/** Bytes of /dev/shm unless something else is asked for. */
const SHM_SIZE = 67_108_864;

/** HostConfig of docker's answer (Engine API, ContainerInspect). */
export function hostConfig(config: ContainerConfig): object {
  const { isAutoRemove, isReadOnly, limits, settings = {}, volumes } = config;
  const { restart, runtime } = settings;
  return {
    Binds: orNull(volumes.filter(({ type }) => type !== 'tmpfs').map(bindText)),
    ContainerIDFile: '',
    LogConfig: logConfig(settings.log),
    ...networkHostConfig(config),
    RestartPolicy: { Name: restart?.name ?? 'no', MaximumRetryCount: restart?.most ?? 0 },
    AutoRemove: isAutoRemove,
    VolumeDriver: '',
    Links: orNull(
      (settings.links ?? []).map(({ container, alias }) => `/${container}:/${config.name}/${alias}`),
    ),
    VolumesFrom: orNull(settings.volumesFrom),
    ConsoleSize: [config.consoleSize?.height ?? 0, config.consoleSize?.width ?? 0],
    ...privileges(settings),
    GroupAdd: orNull(settings.groupAdd),
    OomScoreAdj: settings.oomScoreAdj ?? 0,
    ReadonlyRootfs: isReadOnly,
    ShmSize: settings.shmSize ?? SHM_SIZE,
    Sysctls: mapOrNull(settings.sysctls),
    Tmpfs: mapOrNull(volumes.filter(({ type }) => type === 'tmpfs').map(tmpfsEntry)),
    Runtime: runtime?.split('/').at(-1) ?? 'runt',
    Isolation: '',
    ...resources(limits),
    CgroupParent: settings.cgroupParent ?? '',
    Devices: (settings.devices ?? []).map(({ source, destination, access }) => ({
      PathOnHost: source,
      PathInContainer: destination,
      CgroupPermissions: access,
    })),
    DeviceRequests: null,
    Ulimits: (settings.ulimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Hard: hard, Soft: soft })),
    Init: settings.hasInit ?? null,
    Annotations: mapOrNull(settings.annotations),
  };
}

function privileges(settings: RunSettings): object {
  const { namespaces = {}, isPrivileged = false, security = {} } = settings;
  const seccomp = security.seccomp === undefined ? [] : [`seccomp=${security.seccomp}`];
  const noNew = security.isWithoutNewPrivileges === true ? ['no-new-privileges'] : [];
  return {
    CapAdd: orNull(settings.capAdd),
    CapDrop: orNull(settings.capDrop),
    CgroupnsMode: namespaces.cgroup ?? 'private',
    IpcMode: namespaces.ipc ?? 'private',
    Cgroup: '',
    PidMode: namespaces.pid ?? '',
    Privileged: isPrivileged,
    SecurityOpt: orNull([...seccomp, ...noNew]),
    UTSMode: namespaces.uts ?? '',
    UsernsMode: namespaces.user ?? '',
    MaskedPaths: isPrivileged ? null : [...MASKED_PATHS, ...(security.mask ?? [])],
    ReadonlyPaths: isPrivileged ? null : READONLY_PATHS,
  };
}

function resources(limits: Limits): object {
  const devices = (kind: BlkioDevice['kind']): readonly object[] | null =>
    orNull(
      (limits.blkioDevices ?? [])
        .filter((device) => device.kind === kind)
        .map(({ path, value }) =>
          kind === 'weight' ? { Path: path, Weight: value } : { Path: path, Rate: value },
        ),
    );
  return {
    CpuShares: limits.cpuShares ?? 0,
    Memory: limits.memory ?? 0,
    NanoCpus: limits.nanoCpus ?? 0,
    BlkioWeight: limits.blkioWeight ?? 0,
    BlkioWeightDevice: devices('weight') ?? [],
    BlkioDeviceReadBps: devices('read-bps'),
    BlkioDeviceWriteBps: devices('write-bps'),
    BlkioDeviceReadIOps: devices('read-iops'),
    BlkioDeviceWriteIOps: devices('write-iops'),
    CpuPeriod: limits.cpuPeriod ?? 0,
    CpuQuota: limits.cpuQuota ?? 0,
    CpuRealtimePeriod: limits.cpuRtPeriod ?? 0,
    CpuRealtimeRuntime: limits.cpuRtRuntime ?? 0,
    CpusetCpus: limits.cpusetCpus ?? '',
    CpusetMems: limits.cpusetMems ?? '',
    DeviceCgroupRules: orNull(limits.deviceRules),
    MemoryReservation: limits.memoryReservation ?? 0,
    MemorySwap: limits.memorySwap ?? (limits.memory ?? 0) * 2,
    MemorySwappiness: limits.memorySwappiness ?? null,
    OomKillDisable: limits.isOomKillDisabled ?? null,
    PidsLimit: limits.pids ?? null,
  };
}

function logConfig(log: LogOptions | undefined): object {
  const { driver = 'k8s-file', maxSize = 10 << 20, maxFiles = 3 } = log ?? {};
  const config = driver === 'none' ? {} : { 'max-size': sizeOption(maxSize), 'max-file': String(maxFiles) };
  return { Type: driver, Config: config };
}

function sizeOption(bytes: number): string {
  if (bytes === 0) return '-1';
  return bytes % (1 << 20) === 0 ? `${bytes / (1 << 20)}m` : String(bytes);
}

function bindText({ source, destination, mode }: Volume): string {
  return `${source}:${destination}${mode === '' ? '' : `:${mode}`}`;
}

function tmpfsEntry({ destination, options }: Volume): readonly [string, string] {
  return [destination, (options?.mount ?? []).join(',')];
}

/** Keys of strangers: Object.fromEntries defines them as own properties, whatever they are called. */
function mapOrNull(entries: readonly (readonly [string, string])[] = []): object | null {
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function orNull<T>(list: readonly T[] = []): readonly T[] | null {
  return list.length === 0 ? null : list;
}
