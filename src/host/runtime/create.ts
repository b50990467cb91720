import type { Spec } from '../../pure/spec/runtime.ts';
import type { Fd } from '../kernel/files.ts';
import { MACHINE } from '../kernel/numbers.ts';
import { socketPair } from '../kernel/sockets.ts';
import { createCgroups } from './cgroup/directories.ts';
import { findHierarchies } from './cgroup/hierarchies.ts';
import { usableCgroups } from './cgroup/writable.ts';
import { createUnified, limitUnified } from './cgroup/unified.ts';
import { runtimeError } from './errors.ts';
import { deleteContainer } from './delete.ts';
import type { ContainerHooks } from './hooks/container-hooks.ts';
import { hooksModule } from './hooks/hooks.ts';
import { forkInit } from './init/fork-init.ts';
import { listen, release } from './init/channel.ts';
import { confine } from './init/confine.ts';
import type { Confined, Confinement } from './init/confinement.ts';
import { readPermitted, writePidFile } from './init/facts.ts';
import { runInit } from './init/init.ts';
import { readyMounts } from './init/ready-mounts.ts';
import { Stub } from './init/stub.ts';
import { Making } from './making.ts';
import { sendPidfd } from './pidfd-socket.ts';
import { planContainer, type ContainerPlan, type Facts } from './plan/container.ts';
import type { ProcessPlan } from './plan/process.ts';
import { stepTitles } from './plan/step-titles.ts';
import { rootlessModule } from './rootless/rootless.ts';
import { seccompCompiler } from './seccomp/compiler.ts';
import type { Filter } from './seccomp/filter.ts';
import { sysctlModule } from './sysctl/sysctls.ts';
import { makeFifo } from './state/fifos.ts';
import { createStateFile } from './state/file.ts';
import { EXEC_FIFOS, fifoPath } from './state/names.ts';
import { appendInit, writeRecord, type ContainerRecord } from './state/records.ts';
import { readStat } from './state/status.ts';
import { MappedContainer } from './user-namespace/mapped-container.ts';

export type { Filter } from './seccomp/filter.ts';

export interface CreateOptions {
  /** Where the state of all containers lies. */
  readonly root: string;
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
  readonly spec: Spec;
  /** A detached mount to use instead of spec.root.path; attached inside the container's mount namespace only. */
  readonly rootfs?: { readonly mountFd: number };
  /** Detached mounts for binds, by their destinations: used instead of what the source names. */
  readonly mounts?: ReadonlyMap<string, Fd> | undefined;
  /** The filter that spec.linux.seccomp would be compiled to, by whoever has it ready. */
  readonly filter?: Filter | undefined;
  /** What become the container's standard streams; 0, 1 and 2 unless given. */
  readonly stdio?: readonly [number, number, number];
  /** A connected Unix socket that gets the console's master. */
  readonly consoleSocket?: number;
  /** How many descriptors from 3 on are left open to the program. */
  readonly preserveFds?: number;
  readonly pidFile?: string;
  /** A connected Unix socket that gets a descriptor of init. */
  readonly pidfdSocket?: number;
  readonly noPivot?: boolean;
  readonly noNewKeyring?: boolean;
  /** `wait`: the program is started by startContainer(); `now`: at once. */
  readonly start: 'wait' | 'now';
  readonly warn: (message: string) => void;
  /** Gets the title of each step before they are taken. */
  readonly debug?: (message: string) => void;
}

export interface CreatedContainer {
  readonly pid: number;
  /** Names init for good, together with the pid. */
  readonly startTime: string;
  /** The console's master, where the process has a terminal and no socket was given; the caller closes it. */
  readonly console?: Fd;
  /** The container's directory in each cgroup hierarchy. */
  readonly cgroups: readonly string[];
  /** Whether its end is deleteContainer()'s matter: there are hooks for it, or others are in its cgroup. */
  readonly needsDelete: boolean;
}

/**
 * Makes a container; init is a child of the caller. On any failure nothing is left: no process, cgroup, mount or
 * state. Throws RUNTIME_EXISTS, RUNTIME_STEP_FAILED with the step's name, RUNTIME_EXEC_NOT_FOUND,
 * RUNTIME_EXEC_NOT_EXECUTABLE and others of errors.ts.
 */
export function createContainer(options: CreateOptions): CreatedContainer {
  const { spec, root, id, bundle } = options;
  checkConsole(options);
  if (spec.linux.sysctls !== undefined) sysctlModule().refuseOwnNetwork(spec.linux);
  const isPivot = options.noPivot !== true;
  const plan = planContainer(
    { id, bundle, spec, isPivot, hasNewKeyring: options.noNewKeyring !== true },
    factsFor(options),
  );
  for (const warning of plan.warnings) options.warn(warning);
  const { debug } = options;
  if (debug !== undefined) plan.steps.map(stepTitles().titleOf).forEach(debug);
  const making = new Making(createStateFile(root, id));
  const created = makeOrUndo(options, plan, making);
  if (options.start === 'now' && making.hooks !== undefined) runAfterStart(options, making.hooks, created);
  return created;
}

/** Unlocked by now: a hook may be a command on the container, which is no more where one fails. */
function runAfterStart(options: CreateOptions, hooks: ContainerHooks, created: CreatedContainer): void {
  try {
    hooks.runAfterStart(created.pid);
  } catch (error) {
    created.console?.close();
    deleteContainer(options.root, options.id, { force: true, warn: options.warn });
    throw error;
  }
}

function makeOrUndo(options: CreateOptions, plan: ContainerPlan, making: Making): CreatedContainer {
  try {
    return makeContainer(options, plan, making);
  } catch (error) {
    making.undo();
    throw error;
  } finally {
    making.file.close();
  }
}

function factsFor({ spec, id }: CreateOptions): Facts {
  const mounted = findHierarchies();
  const { hierarchies, areOwned } = usableCgroups(mounted, spec.linux.cgroupsPath ?? `/${id}`);
  const permitted = readPermitted();
  if (areOwned) return { hierarchies, permitted };
  const { refuseLimits, shownCgroups } = rootlessModule();
  refuseLimits(spec.linux.resources, mounted, hierarchies);
  return { hierarchies, permitted, foreign: hierarchies.length > 0 ? [] : shownCgroups(mounted) };
}

function checkConsole({ spec, consoleSocket }: CreateOptions): void {
  if (spec.process.terminal || consoleSocket === undefined) return;
  throw runtimeError(
    'RUNTIME_CONSOLE',
    'A console socket is given, but the field process.terminal is not true',
  );
}

function makeContainer(options: CreateOptions, plan: ContainerPlan, making: Making): CreatedContainer {
  const { file } = making;
  writeRecord(file, recordOf(options, plan));
  if (options.start === 'wait') makeFifo(options, EXEC_FIFOS);
  using hooks = (making.hooks = hooksOf(options));
  using stub = Stub.make();
  const wanted = plan.process;
  using confinement = confineInit(options, wanted);
  const confined = confinement?.process ?? wanted;
  const [ours, theirs] = socketPair();
  using socket = ours;
  using far = theirs;
  const unified = createUnified(plan.cgroups, (made) => making.addCgroup(made));
  using cgroup = unified?.directory;
  using mapped = MappedContainer.of(plan, options.rootfs !== undefined);
  using fifo = mapped?.openFifo(fifoOf(options));
  const init = (): never => {
    socket.close();
    // The lock must not outlive the parent.
    file.close();
    return runInit({
      ...initOptions(options),
      rootfsMount: options.rootfs?.mountFd ?? mapped?.rootfsMount,
      plan: { ...plan, process: mapped?.processOf(confined) ?? confined },
      stub,
      kept: confinement?.kept,
      keptForHooks: confinement?.keptForHooks,
      socket: far,
      hooks,
      sources: readyMounts(plan, options.mounts, mapped?.binds),
      mapped: mapped?.hasUserNamespace === true ? { fifo } : undefined,
    });
  };
  making.pid = forkInit({ plan, cgroup: cgroup?.number, socket, far, init });
  far.close();
  mapped?.admit(making.pid, options.spec.process.oomScoreAdj, socket);
  createCgroups(plan.cgroups, (made) => making.addCgroup(made));
  mapped?.moveIntoCgroups(making.pid);
  if (unified !== undefined) limitUnified(unified);
  if (plan.joins) release(socket);
  const filter = options.filter ?? compiled(options.spec);
  stub.fill(filter && confinement?.stubFor(filter, confinedOf(options, making.pid)));
  making.console = hooks?.runOutside(socket, making.pid);
  const startTime = readStat(making.pid)?.startTime ?? '';
  appendInit(file, { pid: making.pid, startTime, ...sharingOf(making, options) }, filter);
  announce(options, making.pid);
  release(socket);
  return finish(options, making, { socket, startTime });
}

/** Compiled while init already mounts: only whether it has a listener is needed before. */
function confineInit({ filter: ready, spec }: CreateOptions, wanted: ProcessPlan): Confinement | undefined {
  const { seccomp } = spec.linux;
  const filter = ready ?? (seccomp && { listener: seccompCompiler().listenerOf(seccomp) });
  return confine(wanted, filter, spec.hooks?.startContainer.length);
}

function compiled({ linux: { seccomp } }: Spec): Filter | undefined {
  return seccomp && seccompCompiler().compileSeccomp(seccomp, { arch: MACHINE });
}

function sharingOf(
  { isShared }: Making,
  { spec, id, warn }: CreateOptions,
): { readonly sharesCgroup?: boolean } {
  if (!isShared) return {};
  const path = spec.linux.cgroupsPath ?? `/${id}`;
  warn(
    `The container's cgroup is not empty: processes of somebody else are in ${path}, under the same limits`,
  );
  return { sharesCgroup: true };
}

function announce({ pidFile, pidfdSocket }: CreateOptions, pid: number): void {
  if (pidFile !== undefined) writePidFile(pidFile, pid);
  if (pidfdSocket !== undefined) sendPidfd(pidfdSocket, pid, 'standard');
}

function recordOf({ id, bundle, spec, filter }: CreateOptions, plan: ContainerPlan): ContainerRecord {
  return {
    version: 1,
    ociVersion: spec.ociVersion,
    id,
    bundle,
    rootfs: plan.rootfs,
    created: new Date().toISOString(),
    annotations: spec.annotations,
    cgroups: plan.cgroups.map(({ directory }) => directory),
    ...(plan.unified === undefined ? {} : { unified: plan.unified }),
    process: spec.process,
    isMapped: plan.namespaces.user !== undefined,
    isFiltered: spec.linux.seccomp !== undefined || filter !== undefined,
    ...(plan.namespaces.pid === undefined ? {} : { joinsPids: true }),
    hasTime: plan.namespaces.time !== undefined,
    personality: spec.linux.personality,
    ...(spec.hooks === undefined ? {} : { hooks: spec.hooks }),
  };
}

function hooksOf({ spec, root, id, bundle, start, warn }: CreateOptions): ContainerHooks | undefined {
  const { hooks } = spec;
  if (hooks === undefined) return undefined;
  return hooksModule().ContainerHooks.of({ spec, hooks, root, id, bundle, start, warn });
}

function confinedOf({ spec, id, bundle }: CreateOptions, pid: number): Confined {
  const { ociVersion, annotations } = spec;
  return { pid, state: { ociVersion, id, status: 'creating', pid, bundle, annotations } };
}

function initOptions(
  options: CreateOptions,
): Omit<
  Parameters<typeof runInit>[0],
  'plan' | 'stub' | 'kept' | 'keptForHooks' | 'socket' | 'hooks' | 'rootfsMount' | 'sources' | 'mapped'
> {
  return {
    stdio: options.stdio ?? [0, 1, 2],
    preservedFds: options.preserveFds ?? 0,
    consoleSocket: options.consoleSocket,
    fifo: fifoOf(options),
  };
}

function fifoOf(options: CreateOptions): string | undefined {
  return options.start === 'wait' ? fifoPath(options, EXEC_FIFOS) : undefined;
}

interface Started {
  readonly socket: Fd;
  readonly startTime: string;
}

function finish(
  options: CreateOptions,
  { pid, cgroups, isShared, hooks, console: sent }: Making,
  { socket, startTime }: Started,
): CreatedContainer {
  const { console = sent, end } = listen(socket);
  if (options.start === 'wait' && end === 'closed') {
    console?.close();
    throw runtimeError('RUNTIME_INIT_DIED', 'The init process ended before the container was ready');
  }
  const created = { pid, startTime, cgroups, needsDelete: isShared || hooks !== undefined };
  return console === undefined ? created : { ...created, console };
}
