import type { Propagation, Spec } from '../../../pure/spec/runtime.ts';
import type { CapabilityBits } from '../../kernel/capabilities.ts';
import { MS } from '../../kernel/constants.ts';
import { planCgroups, type CgroupFacts, type CgroupPlan, type CgroupView } from './cgroups.ts';
import { DEFAULT_DEVICES } from './default-devices.ts';
import { hasHooksBeforePivot } from '../hooks/hook-times.ts';
import { nonZero } from './limits.ts';
import { planMounts } from './mounts.ts';
import { planNamespaces, type NamespacePlan } from './namespaces.ts';
import { ALL_CAPABILITIES, planProcess, type ProcessPlan } from './process.ts';
import type { Step } from './step.ts';

/** What is known of the machine before anything is done. */
export interface Facts extends CgroupFacts {
  /** Our own permitted capabilities. */
  readonly permitted: CapabilityBits;
}

export interface PlanRequest {
  readonly id: string;
  readonly bundle: string;
  readonly spec: Spec;
  readonly isPivot: boolean;
  readonly hasNewKeyring: boolean;
}

export interface ContainerPlan {
  readonly rootfs: string;
  readonly cgroups: readonly CgroupPlan[];
  /** The directory of cgroup v2 among them, in which init is born. */
  readonly unified: string | undefined;
  /** Whether init waits for cgroups that it joins by itself, those of v1. */
  readonly joins: boolean;
  readonly namespaces: NamespacePlan;
  /** In the order in which init takes them. */
  readonly steps: readonly Step[];
  readonly process: ProcessPlan;
  readonly warnings: readonly string[];
}

const PROPAGATION: Readonly<Record<Propagation, number>> = {
  shared: MS.SHARED,
  slave: MS.SLAVE,
  private: MS.PRIVATE,
  unbindable: MS.UNBINDABLE,
};

/** Decides everything, touches nothing: a spec and facts in, plain data out. */
export function planContainer(request: PlanRequest, facts: Facts): ContainerPlan {
  const { id, bundle, spec } = request;
  const warnings: string[] = [...ignoredLimits(spec)];
  const cgroups = planCgroups(spec, id, facts);
  const namespaces = planNamespaces(spec);
  // Whoever enters a user namespace has all of them there.
  const permitted = namespaces.user === undefined ? facts.permitted : ALL_CAPABILITIES;
  const rootfs = spec.root.path.startsWith('/') ? spec.root.path : `${bundle}/${spec.root.path}`;
  return {
    rootfs,
    cgroups,
    unified: cgroups.find(({ version }) => version === 2)?.directory,
    joins: cgroups.some(({ version }) => version === 1),
    namespaces,
    steps: withCgroups(
      [...planSurroundings(request, namespaces), ...planTree(request, rootfs, viewsOf(cgroups, facts))],
      cgroups,
      namespaces,
    ),
    process: {
      ...planProcess(spec.process, permitted, (text) => warnings.push(text)),
      ...(keepsGroups(spec) ? { groups: undefined } : {}),
      personality: spec.linux.personality,
    },
    warnings,
  };
}

/** What a container sees of the hierarchies of v1. */
function viewsOf(cgroups: readonly CgroupPlan[], { foreign = [] }: Facts): readonly CgroupView[] {
  return [...cgroups.filter((plan) => plan.version === 1), ...foreign];
}

/** crun's annotation, which podman gives for `--group-add keep-groups`. */
function keepsGroups({ annotations }: Spec): boolean {
  return ['1', 'true'].includes(annotations['run.oci.keep_original_groups'] ?? '');
}

/** Linux has had no such limits since 5.16, and documents go on asking for them. */
function ignoredLimits({ linux }: Spec): readonly string[] {
  const { kernel, kernelTCP } = linux.resources.memory;
  return Object.entries({ kernel, kernelTCP })
    .filter(([, value]) => nonZero(value) !== undefined)
    .map(([name]) => `The field linux.resources.memory.${name} is ignored: Linux has no such limit any more`);
}

/**
 * The cgroups of v1 are made while init already works, and what it needs of memory must not count as the container's: so
 * they are joined as late as can be, while the host's paths can still be seen. The cgroup namespace, whose root they are,
 * comes after them.
 */
function withCgroups(
  steps: readonly Step[],
  cgroups: readonly CgroupPlan[],
  namespaces: NamespacePlan,
): readonly Step[] {
  const joining: Step[] = [];
  const directories = cgroups.filter(({ version }) => version === 1).map(({ directory }) => directory);
  // Init of a user namespace is moved by its parent, and only waits for that.
  const own = namespaces.user === undefined ? directories : [];
  if (directories.length > 0) joining.push({ kind: 'join-cgroups', directories: own });
  if (namespaces.hasNewCgroup) joining.push({ kind: 'new-cgroup-namespace' });
  const at = steps.findIndex(needsCgroups);
  return [...steps.slice(0, at), ...joining, ...steps.slice(at)];
}

function needsCgroups(step: Step): boolean {
  if (step.kind === 'join-namespace') return step.type === 'mount' || step.type === 'cgroup';
  if (step.kind === 'mount') return step.type === 'cgroup2';
  if (step.kind === 'run-hooks') return true;
  return step.kind === 'change-root';
}

function planSurroundings(request: PlanRequest, namespaces: NamespacePlan): readonly Step[] {
  const { spec, id, hasNewKeyring } = request;
  const { oomScoreAdj } = spec.process;
  const steps: Step[] = [];
  if (namespaces.user === undefined) {
    if (oomScoreAdj !== undefined) steps.push({ kind: 'adjust-oom-score', score: oomScoreAdj });
    for (const namespace of namespaces.joined) {
      if (namespace.type !== 'mount') steps.push({ kind: 'join-namespace', ...namespace });
    }
  }
  if (hasNewKeyring) steps.push({ kind: 'new-session-keyring', name: `_ses.${id}` });
  if (namespaces.hasNewNetwork) steps.push({ kind: 'raise-loopback' });
  if (spec.hostname) steps.push({ kind: 'set-hostname', name: spec.hostname });
  if (spec.domainname) steps.push({ kind: 'set-domainname', name: spec.domainname });
  for (const sysctl of spec.linux.sysctls ?? []) steps.push({ kind: 'write-sysctl', ...sysctl });
  // Last, because what comes before is looked for among the mounts that the caller sees.
  const tree =
    namespaces.user === undefined ? namespaces.joined.find(({ type }) => type === 'mount') : undefined;
  if (tree !== undefined) steps.push({ kind: 'join-namespace', ...tree });
  return steps;
}

/** The container's file tree, and then the change into it. */
function planTree(request: PlanRequest, rootfs: string, cgroups: readonly CgroupView[]): readonly Step[] {
  const { spec, bundle, isPivot } = request;
  const { root, process, linux } = spec;
  const mounts = planMounts(spec, bundle, cgroups);
  const propagation = linux.rootfsPropagation;
  const steps: Step[] = [
    { kind: 'enter-rootfs', path: rootfs, propagation: outsidePropagation(propagation) },
    ...mounts.steps,
    ...planDevices(spec),
  ];
  if (process.terminal) {
    const size = process.consoleSize === undefined ? {} : { size: process.consoleSize };
    steps.push({ kind: 'open-console', uid: process.user.uid, ...size });
  }
  if (process.cwd !== '/') steps.push({ kind: 'make-directory', path: process.cwd });
  if (spec.hooks !== undefined && hasHooksBeforePivot(spec.hooks)) steps.push({ kind: 'run-hooks' });
  steps.push(...mounts.seals);
  for (const path of linux.readonlyPaths) steps.push({ kind: 'protect-path', path });
  for (const path of linux.maskedPaths) steps.push({ kind: 'mask-path', path });
  if (root.readonly) steps.push({ kind: 'seal-root' });
  steps.push({ kind: 'change-root', isPivot });
  if (propagation !== undefined)
    steps.push({ kind: 'propagate-root', propagation: PROPAGATION[propagation] });
  return steps;
}

/** A /dev that is bound from elsewhere belongs to others: nothing is made in it. */
function planDevices(spec: Spec): readonly Step[] {
  const isForeign = spec.mounts.some(
    ({ destination, type, options }) =>
      destination === '/dev' && (type === 'bind' || options.includes('bind') || options.includes('rbind')),
  );
  if (isForeign) return [];
  const own = spec.linux.devices;
  const defaults = DEFAULT_DEVICES.filter(({ path }) => !own.some((device) => device.path === path));
  const isBound = spec.linux.namespaces.some(({ type }) => type === 'user');
  return [{ kind: 'make-devices', devices: [...defaults, ...own], isBound }, { kind: 'link-devices' }];
}

/**
 * The host's mounts as the new mount namespace has them. Slaves let nothing out and new mounts of the host in;
 * with "shared" they stay as they are, so that a volume that is shared with the host can be.
 */
function outsidePropagation(wanted: Propagation | undefined): number {
  if (wanted === 'shared') return 0;
  return wanted === 'private' || wanted === 'unbindable' ? MS.PRIVATE : MS.SLAVE;
}
