import type { Capabilities, Mount, Namespace, Resources, Spec } from '../../../pure/spec/runtime.ts';
import { attempt } from '../../kernel/call.ts';
import { cgroupsPath } from '../../monitor/places.ts';
import type { ContainerConfig } from '../container-config.ts';
import type { Limits, Volume } from '../run-request.ts';
import type { ResolvedUser } from '../users/resolve-user.ts';
import { DEFAULT_CAPABILITIES, DEFAULT_MOUNTS, MASKED_PATHS, READONLY_PATHS } from './defaults.ts';
import { withDefaults } from './process-of.ts';

const OCI_VERSION = '1.2.0';
const CPU_PERIOD = 100_000;
const NANO_PER_QUOTA = 1e9 / CPU_PERIOD;
/** There only where the kernel counts swap. */
const SWAP_LIMIT = '/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes';

export interface SpecFacts {
  readonly user: ResolvedUser;
  /** Files of the container's own to show below /etc. */
  readonly etc: readonly Mount[];
  /** A path of the network namespace to join. */
  readonly networkNamespace: string | undefined;
}

/** The container as the runtime wants it. */
export function containerSpec(config: ContainerConfig, { user, etc, networkNamespace }: SpecFacts): Spec {
  const { env, hostname, hasTerminal, consoleSize, workingDirectory, entrypoint, command } = config;
  return {
    ociVersion: OCI_VERSION,
    root: { path: 'rootfs', readonly: config.isReadOnly },
    process: {
      terminal: hasTerminal,
      user: { uid: user.uid, gid: user.gid, additionalGids: user.groups },
      args: [...entrypoint, ...command],
      env: withDefaults(env, hostname, hasTerminal),
      cwd: workingDirectory,
      capabilities: capabilitiesOf(user.uid),
      rlimits: [],
      noNewPrivileges: false,
      ...(consoleSize === undefined ? {} : { consoleSize }),
    },
    hostname,
    mounts: [...DEFAULT_MOUNTS, ...etc, ...config.volumes.filter(isPlainBind).map(mountOf)],
    annotations: {},
    linux: {
      namespaces: namespacesOf(config, networkNamespace),
      uidMappings: [],
      gidMappings: [],
      devices: [],
      cgroupsPath: cgroupsPath(config.id),
      resources: resourcesOf(config.limits),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

/** A user that isn't root starts with none, but may gain these by executing a set-user-ID program. */
function capabilitiesOf(uid: number): Capabilities {
  const held = uid === 0 ? DEFAULT_CAPABILITIES : [];
  return { bounding: DEFAULT_CAPABILITIES, effective: held, permitted: held, inheritable: [], ambient: [] };
}

function namespacesOf({ network }: ContainerConfig, joined: string | undefined): readonly Namespace[] {
  const own: readonly Namespace[] = [
    { type: 'pid' },
    { type: 'mount' },
    { type: 'ipc' },
    { type: 'uts' },
    { type: 'cgroup' },
  ];
  if (joined !== undefined) return [...own, { type: 'network', path: joined }];
  return network === 'none' ? [...own, { type: 'network' }] : own;
}

/** Others are more than a line of the spec. */
export function isPlainBind({ type, options }: Volume): boolean {
  return type === 'bind' && options === undefined;
}

function mountOf({ source, destination, isReadOnly, propagation }: Volume): Mount {
  return { destination, source, type: 'bind', options: ['rbind', propagation, isReadOnly ? 'rro' : 'rw'] };
}

/** As Docker does it, as much swap as memory comes on top. */
export function resourcesOf({ memory, nanoCpus, pids }: Limits): Resources {
  const hasSwap = memory !== undefined && attempt('access', SWAP_LIMIT, 0) === 0;
  return {
    devices: [{ allow: false, type: 'a', access: 'rwm' }],
    memory: { ...(memory === undefined ? {} : { limit: memory }), ...(hasSwap ? { swap: memory * 2 } : {}) },
    cpu: nanoCpus === undefined ? {} : { period: CPU_PERIOD, quota: Math.round(nanoCpus / NANO_PER_QUOTA) },
    pids: pids === undefined ? {} : { limit: pids },
  };
}
