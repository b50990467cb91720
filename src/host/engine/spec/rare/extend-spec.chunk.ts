import type { Process, Rlimit, Spec } from '../../../../pure/spec/runtime.ts';
import type { Fd } from '../../../kernel/files.ts';
import type { Filter } from '../../../runtime/create.ts';
import { cgroupsPath } from '../../../monitor/places.ts';
import { parseSysctls } from '../../../runtime/parse-sysctls.ts';
import type { ContainerConfig } from '../../container-config.ts';
import { engineError } from '../../errors.ts';
import { initMount, INIT_PATH } from '../../files/init-program.ts';
import type { Roots } from '../../roots.ts';
import type { JoinedPod } from '../../pods/joined-pod.ts';
import { linksOf, linkVariables } from '../../network/links.ts';
import type { RunSettings, Ulimit } from '../../run-settings.ts';
import { isId, readGroups } from '../../users/accounts.ts';
import { defaultFilter } from '../../seccomp/filter-of.ts';
import { profileOf } from '../../seccomp/profile-of.ts';
import { DEFAULT_CAPABILITIES } from '../defaults.ts';
import { withVariable } from '../process-of.ts';
import { boundingOf, capabilitiesFrom } from './capabilities.ts';
import { withCdi } from './cdi.ts';
import { allDevices, devicesOf } from './devices.ts';
import { withMoreLimits } from './limits.ts';
import { joinNamespaces } from './namespaces.ts';
import { withSecrets } from './secrets.ts';
import { withSecurity } from './security.ts';
import type { MappedBy } from '../../../snapshot/rootfs-request.ts';
import type { NewEvent } from '../../../monitor/events.ts';
import { mountEvents, withVolumes } from '../../volumes/show-volumes.ts';

const UNLIMITED = 2n ** 64n - 1n;

export interface Extending {
  readonly config: ContainerConfig;
  readonly roots: Roots;
  /** The container's root file system, open. */
  readonly root: number;
  /** Where the container has ids of its own. */
  readonly mapped: MappedBy | undefined;
  /** What it has of its pod. */
  readonly pod?: JoinedPod | undefined;
}

export interface Extended {
  readonly spec: Spec;
  /** For the default profile and capabilities: any other is compiled from the spec. */
  readonly filter: Filter | undefined;
  /** Held until the container runs. */
  readonly held: readonly Fd[];
  /** Detached mounts for binds, by their destinations. */
  readonly mounts: ReadonlyMap<string, Fd>;
  /** The events of its volumes. */
  readonly mounted: readonly NewEvent[];
}

/** What a container's settings, which few have, make of the spec that all have. */
export function extendSpec(base: Spec, { config, roots, root, pod, mapped }: Extending): Extended {
  const { settings = {}, limits, id } = config;
  const limited = {
    ...base,
    linux: { ...base.linux, resources: withMoreLimits(base.linux.resources, limits) },
  };
  const secured = withDevices(withSecurity(limited, settings), settings);
  const held: Fd[] = [];
  const mounts = new Map<string, Fd>();
  const spec = joinNamespaces(secured, settings.namespaces ?? {}, { roots, held, mounts, pod });
  const { domainname, annotations = [], sysctls = [], cgroupParent, shmSize } = settings;
  const full: Spec = {
    ...spec,
    // Without a name of its own in a namespace of its own it would change that of others.
    ...(domainname === undefined || spec.hostname === undefined ? {} : { domainname }),
    process: processOf(linked(spec.process, { config, roots }), settings, root),
    mounts: [
      ...spec.mounts.map((mount) =>
        mount.destination === '/dev/shm' && shmSize !== undefined
          ? {
              ...mount,
              options: mount.options.map((one) => (one.startsWith('size=') ? `size=${shmSize}` : one)),
            }
          : mount,
      ),
      ...(settings.hasInit === true ? [initMount()] : []),
    ],
    // Keys of strangers.
    annotations: Object.assign(
      Object.create(null) as Record<string, string>,
      Object.fromEntries(annotations),
    ),
    linux: {
      ...spec.linux,
      cgroupsPath: cgroupsPath(id, cgroupParent),
      ...(sysctls.length === 0
        ? {}
        : { sysctls: parseSysctls(Object.fromEntries(sysctls), 'sysctl', spec.linux.namespaces) }),
    },
  };
  const shown = withVolumes(full, { config, roots, root, mounts, mapped });
  const mounted = withSecrets(shown, { roots, secrets: settings.secrets ?? [], mounts });
  return {
    held,
    mounts,
    mounted: mountEvents(config),
    ...confined(withCdi(mounted, settings.cdi ?? []), settings),
  };
}

/** Our own runtime takes the default profile compiled, another one as text. */
function confined(spec: Spec, settings: RunSettings): Pick<Extended, 'spec' | 'filter'> {
  const { isPrivileged, security, runtime } = settings;
  const { bounding } = spec.process.capabilities;
  const isStandard = security?.seccomp === undefined && isSame(bounding, DEFAULT_CAPABILITIES);
  if (isPrivileged === true && security?.seccomp === undefined) return { spec, filter: undefined };
  if (isStandard && runtime === undefined) return { spec, filter: defaultFilter() };
  const seccomp = profileOf(security?.seccomp, bounding);
  return {
    spec: seccomp === undefined ? spec : { ...spec, linux: { ...spec.linux, seccomp } },
    filter: undefined,
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}

function withDevices(spec: Spec, { isPrivileged, devices = [] }: RunSettings): Spec {
  const { linux } = spec;
  const given = isPrivileged === true ? [...allDevices(), ...devicesOf(devices)] : devicesOf(devices);
  const byPath = new Map(given.map((one) => [one.device.path, one.device]));
  const rules =
    isPrivileged === true
      ? [{ allow: true, type: 'a' as const, access: 'rwm' }]
      : [...linux.resources.devices, ...given.map(({ rule }) => rule)];
  return {
    ...spec,
    linux: { ...linux, devices: [...byPath.values()], resources: { ...linux.resources, devices: rules } },
  };
}

function linked(process: Process, { config, roots }: Pick<Extending, 'config' | 'roots'>): Process {
  const variables = linksOf(roots, config).flatMap((link) => linkVariables(config.name, link));
  // What was asked for by itself comes before.
  return { ...process, env: process.env.reduce(withVariable, variables as readonly string[]) };
}

function processOf(process: Process, settings: RunSettings, root: number): Process {
  const { umask, oomScoreAdj, ulimits = [], groupAdd = [], hasInit } = settings;
  const { user } = process;
  const groups = groupAdd.map((one) => groupOf(one, root));
  return {
    ...process,
    args: hasInit === true ? [INIT_PATH, '--', ...process.args] : process.args,
    user: {
      ...user,
      additionalGids: [...new Set([...user.additionalGids, ...groups])],
      ...(umask === undefined ? {} : { umask }),
    },
    capabilities: capabilitiesFrom(boundingOf(settings), user.uid),
    rlimits: ulimits.map(rlimitOf),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  };
}

function rlimitOf({ name, soft, hard }: Ulimit): Rlimit {
  const valueOf = (value: number): bigint => (value === -1 ? UNLIMITED : BigInt(value));
  return { type: `RLIMIT_${name.toUpperCase()}`, soft: valueOf(soft), hard: valueOf(hard) };
}

function groupOf(wanted: string, root: number): number {
  const named = readGroups(root).find(({ name }) => name === wanted);
  if (named !== undefined) return named.gid;
  if (isId(wanted)) return Number(wanted);
  throw engineError('ENGINE_USER_UNKNOWN', `There is no group "${wanted}" in the container's /etc/group`);
}
