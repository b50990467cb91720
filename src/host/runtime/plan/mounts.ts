import type { Mount, Spec } from '../../../pure/spec/runtime.ts';
import { MOUNT_ATTR, MS } from '../../kernel/constants.ts';
import { runtimeError } from '../errors.ts';
import type { CgroupView } from './cgroups.ts';
import { parseMountOptions, type Attributes, type MountOptions } from './mount-options.ts';
import type { BindStep, CgroupMountStep, IdMap, MountStep, Step } from './step.ts';

/** What may lie on single files of /proc: lxcfs and its like (runc's list). */
const ALLOWED_BELOW_PROC: ReadonlySet<string> = new Set([
  '/proc/cpuinfo',
  '/proc/diskstats',
  '/proc/meminfo',
  '/proc/stat',
  '/proc/swaps',
  '/proc/uptime',
  '/proc/loadavg',
  '/proc/slabinfo',
  '/proc/net/dev',
  '/proc/sys/kernel/ns_last_pid',
  '/proc/sys/crypto/fips_enabled',
]);

/** File systems in which nothing has to be made for what is mounted below. */
const WITH_FIXED_TREE: ReadonlySet<string> = new Set(['proc', 'sysfs']);

export interface MountPlan {
  readonly steps: readonly Step[];
  /** Read-only mounts that something must first be made in. */
  readonly seals: readonly Step[];
}

export function planMounts(spec: Spec, bundle: string, cgroups: readonly CgroupView[]): MountPlan {
  const steps: Step[] = [];
  const seals: Step[] = [];
  spec.mounts.forEach((mount, index) => {
    const field = `mounts[${index}]`;
    const options = parseMountOptions(mount.options, field);
    const isBind = options.isBind || mount.type === 'bind';
    refuseBelowProc(mount, isBind, field);
    if (!isBind) refuseIdMap(mount, options, field);
    refuseCopyUp(mount, options, field);
    if (isBind) steps.push(planBind(mount, options, { bundle, field }));
    else if (mount.type === 'cgroup' && cgroups.length > 0)
      steps.push(planCgroupMount(mount, options, cgroups));
    else if (mount.type === 'cgroup') steps.push(planUnifiedMount(mount, options));
    else {
      const isSealedLater =
        isReadOnly(options) && (options.copiesUp || needsWriting(mount, spec.mounts.slice(index + 1)));
      steps.push(planMount(mount, options, { field, isReadOnly: isReadOnly(options) && !isSealedLater }));
      if (isSealedLater) seals.push({ kind: 'seal-mount', destination: mount.destination });
    }
  });
  return { steps, seals };
}

function isReadOnly(options: MountOptions): boolean {
  return ((options.attributes.set | options.recursive.set) & MOUNT_ATTR.RDONLY) !== 0;
}

function needsWriting(mount: Mount, later: readonly Mount[]): boolean {
  if (WITH_FIXED_TREE.has(mount.type ?? '')) return false;
  if (mount.destination === '/dev') return true;
  return later.some(({ destination }) => destination.startsWith(`${mount.destination}/`));
}

/** A mount over parts of /proc could hide what is masked or show a false self (CVE-2019-16884, CVE-2025-52881). */
function refuseBelowProc({ destination, type, source }: Mount, isBind: boolean, field: string): void {
  const isProc = type === 'proc' || (isBind && source === '/proc');
  if (destination === '/proc' && !isProc) {
    throw runtimeError(
      'SPEC_INVALID',
      `The field ${field}.destination is /proc, where only a proc file system may be mounted`,
    );
  }
  if (destination.startsWith('/proc/') && !ALLOWED_BELOW_PROC.has(destination)) {
    throw runtimeError(
      'SPEC_INVALID',
      `The field ${field}.destination is ${destination}: below /proc nothing may be mounted`,
    );
  }
}

function refuseCopyUp({ type }: Mount, { copiesUp, isBind }: MountOptions, field: string): void {
  if (!copiesUp || (type === 'tmpfs' && !isBind)) return;
  throw runtimeError('SPEC_INVALID', `The option tmpcopyup of ${field}.options is for a tmpfs alone`);
}

interface MountContext {
  readonly field: string;
  readonly isReadOnly: boolean;
}

function planMount(mount: Mount, options: MountOptions, context: MountContext): MountStep {
  const { type, destination } = mount;
  if (type === undefined || type === '') {
    throw runtimeError(
      'SPEC_INVALID',
      `The field ${context.field}.type must name a file system, or its options hold bind`,
    );
  }
  const { propagation, isPropagationRecursive } = options;
  const attributes = options.attributes.set | options.recursive.set;
  const readOnly = context.isReadOnly ? MOUNT_ATTR.RDONLY : 0;
  return {
    kind: 'mount',
    type,
    source: mount.source || type,
    destination,
    flags: mountFlags((attributes & ~MOUNT_ATTR.RDONLY) | readOnly) | options.superFlags,
    data: options.data.join(','),
    propagation,
    isPropagationRecursive,
    isOrdinaryDirectory: WITH_FIXED_TREE.has(type),
    takesMode: type === 'tmpfs' && !options.data.some((option) => option.startsWith('mode=')),
    copiesUp: options.copiesUp,
  };
}

/** MOUNT_ATTR_ flags as mount(2) wants them. */
function mountFlags(attributes: number): number {
  const { RDONLY, NOSUID, NODEV, NOEXEC, NOATIME, STRICTATIME, NODIRATIME, NOSYMFOLLOW } = MOUNT_ATTR;
  let flags = attributes & (RDONLY | NOSUID | NODEV | NOEXEC);
  if ((attributes & NOATIME) !== 0) flags |= MS.NOATIME;
  if ((attributes & STRICTATIME) !== 0) flags |= MS.STRICTATIME;
  if ((attributes & NODIRATIME) !== 0) flags |= MS.NODIRATIME;
  if ((attributes & NOSYMFOLLOW) !== 0) flags |= MS.NOSYMFOLLOW;
  return flags;
}

function planBind(
  mount: Mount,
  options: MountOptions,
  { bundle, field }: { readonly bundle: string; readonly field: string },
): BindStep {
  const { source, destination } = mount;
  if (source === undefined || source === '') {
    throw runtimeError('SPEC_INVALID', `The field ${field}.source must name what is bound to ${destination}`);
  }
  // `mode=755` and its like are for a file system that is mounted anew: the kernel passes over them here, as do the peers.
  const unknown = options.data.find((option) => !option.includes('='));
  if (unknown !== undefined) {
    throw runtimeError(
      'SPEC_INVALID',
      `The option ${unknown} of ${field}.options is unknown for a bind mount`,
    );
  }
  const { isRecursiveBind, attributes, recursive, propagation, isPropagationRecursive } = options;
  const idMap = idMapOf(mount, options);
  return {
    kind: 'bind',
    ...(idMap === undefined ? {} : { idMap }),
    source: source.startsWith('/') ? source : `${bundle}/${source}`,
    destination,
    // A bare type "bind" without an option of that name binds the one mount, as mount(8) does.
    isRecursive: isRecursiveBind,
    attributes,
    recursive,
    propagation,
    isPropagationRecursive,
  };
}

/** With a cgroup namespace it shows the container's own cgroup, else the host's, as with the peers. */
function planUnifiedMount(mount: Mount, options: MountOptions): MountStep {
  const { propagation, isPropagationRecursive, attributes, recursive } = options;
  return {
    kind: 'mount',
    type: 'cgroup2',
    source: 'cgroup',
    destination: mount.destination,
    flags: mountFlags(attributes.set | recursive.set),
    data: '',
    propagation,
    isPropagationRecursive,
    isOrdinaryDirectory: false,
    takesMode: false,
    copiesUp: false,
  };
}

/** Mappings without the option ask for it as well; the option without mappings asks for those of the container. */
function idMapOf({ uidMappings = [], gidMappings = [] }: Mount, { idMap }: MountOptions): IdMap | undefined {
  if (idMap === undefined && uidMappings.length === 0 && gidMappings.length === 0) return undefined;
  return { uidMappings, gidMappings, isRecursive: idMap === 'all' };
}

function refuseIdMap(mount: Mount, options: MountOptions, field: string): void {
  if (idMapOf(mount, options) === undefined) return;
  throw runtimeError('SPEC_INVALID', `The field ${field} maps ids, which only a bind mount can: add bind`);
}

function planCgroupMount(
  mount: Mount,
  options: MountOptions,
  cgroups: readonly CgroupView[],
): CgroupMountStep {
  const attributes: Attributes = options.attributes;
  return {
    kind: 'mount-cgroups',
    destination: mount.destination,
    flags: mountFlags(attributes.set & ~MOUNT_ATTR.RDONLY),
    attributes,
    views: cgroups.map(({ name, directory }) => ({ name, directory })),
    links: cgroups.flatMap(({ name, controllers }) =>
      controllers.length < 2
        ? []
        : controllers.filter((one) => one !== name).map((one) => ({ name: one, target: name })),
    ),
  };
}
