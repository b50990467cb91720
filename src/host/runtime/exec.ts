import { isCortenError } from '../../pure/base/errors.ts';
import type { Process } from '../../pure/spec/runtime.ts';
import { attempt, sys } from '../kernel/call.ts';
import { CLONE, O, PR, SIGNAL } from '../kernel/constants.ts';
import { keptAfter, openFile, type Fd } from '../kernel/files.ts';
import { fork, openProcess, waitFor } from '../kernel/process.ts';
import { socketPair } from '../kernel/sockets.ts';
import { forkInto } from './cgroup/fork-into.ts';
import { isFrozen } from './cgroup/freezer.ts';
import { runtimeError } from './errors.ts';
import { execCgroups } from './exec-cgroup.ts';
import { listen, listenForBirth, release } from './init/channel.ts';
import { confine, stubWithBirth } from './init/confine.ts';
import type { StateForListener } from './init/confinement.ts';
import { readPermitted, writePidFile } from './init/facts.ts';
import { runJoiner, type JoinerOptions } from './init/joiner.ts';
import { canLeavePidNamespace, forkInPidNamespace } from './init/pid-namespace.ts';
import { Stub } from './init/stub.ts';
import { sendPidfd } from './pidfd-socket.ts';
import { ALL_CAPABILITIES, planProcess, type ProcessPlan } from './plan/process.ts';
import type { Filter } from './seccomp/filter.ts';
import { openStateFile, requireFilter, requireRecord } from './state/file.ts';
import type { ContainerRecord, InitRecord, StateRecords } from './state/records.ts';
import { isAlive, isEntered } from './state/status.ts';
import { userNamespaces } from './user-namespace/user-namespaces.ts';

export interface ExecOptions {
  readonly root: string;
  readonly id: string;
  /** What to run; given the container's own process, which knows user, environment and capabilities. */
  readonly process: (ofContainer: Process) => Process;
  readonly stdio?: readonly [number, number, number];
  /** A connected Unix socket that gets the console's master. */
  readonly consoleSocket?: number;
  readonly preserveFds?: number;
  readonly pidFile?: string;
  /** Directories below the container's own cgroups to run in, as execCgroups() takes them. */
  readonly cgroup?: readonly string[];
  /** Into a container that is paused, where the process begins when that is resumed. */
  readonly ignorePaused?: boolean;
  /** A connected Unix socket that gets a descriptor of the process. */
  readonly pidfdSocket?: number;
  readonly warn: (message: string) => void;
}

export interface ExecutedProcess {
  /** A child of the caller, who waits for it. */
  readonly pid: number;
  readonly console?: Fd;
}

/**
 * Runs one more process in a container that is created or running. Throws RUNTIME_NOT_FOUND,
 * RUNTIME_NOT_RUNNING, RUNTIME_EXEC_NOT_FOUND, RUNTIME_EXEC_NOT_EXECUTABLE.
 */
export function execProcess(options: ExecOptions): ExecutedProcess {
  const { root, id } = options;
  const state = readState(root, id);
  const record = requireRecord(state, id);
  const { init } = state;
  using target = init === undefined ? undefined : openLiving(init);
  if (init === undefined || target === undefined) throw notRunning(id);
  if (options.ignorePaused !== true && isFrozen(record.cgroups)) {
    throw runtimeError('RUNTIME_PAUSED', `The container ${id} is paused: resume it, or use --ignore-paused`);
  }
  const wanted = options.process(record.process);
  const permitted = record.isMapped ? ALL_CAPABILITIES : readPermitted();
  const plan = { ...planProcess(wanted, permitted, options.warn), personality: record.personality };
  const filter = requireFilter(state, record);
  try {
    return join(options, { record, init, filter, target, wanted, plan });
  } catch (error) {
    // Its end takes along whatever is on the way into it, by ESRCH or SIGKILL.
    if (isAboutProgram(error) || isEntered(init)) throw error;
    throw notRunning(id, error);
  }
}

function notRunning(id: string, cause?: unknown): Error {
  const text = `The container ${id} is not running: nothing can be executed in it`;
  return runtimeError('RUNTIME_NOT_RUNNING', text, cause);
}

function isAboutProgram(error: unknown): boolean {
  return isCortenError(error) && error.code.startsWith('RUNTIME_EXEC_');
}

function readState(root: string, id: string): StateRecords {
  using file = openStateFile(root, id);
  return file.read();
}

/** The descriptor is opened first: what it names can't become another process. */
function openLiving(init: InitRecord): Fd | undefined {
  const process = openProcess(init.pid);
  let alive = false;
  if (process !== undefined) keptAfter(process, () => (alive = isAlive(init)));
  if (alive) return process;
  process?.close();
  return undefined;
}

interface Joining {
  readonly record: ContainerRecord;
  readonly init: InitRecord;
  readonly filter: Filter | undefined;
  readonly target: Fd;
  readonly wanted: Process;
  readonly plan: ProcessPlan;
}

/**
 * Whether somebody in the container may look into processes that have its powers or more: then only the stub is ever
 * seen in its pid namespace. An agent has to be told the pid before the stub begins, so it gets the older way.
 */
function isWatched(
  { isMapped, joinsPids, process: { capabilities } }: ContainerRecord,
  filter: Filter | undefined,
): boolean {
  if (isMapped || filter?.listener !== undefined) return false;
  return joinsPids === true || Object.values(capabilities).some((set) => set.includes('CAP_SYS_PTRACE'));
}

function join(options: ExecOptions, joining: Joining): ExecutedProcess {
  const { record, init, filter, target, wanted, plan } = joining;
  const cgroups = execCgroups(record.cgroups, options.cgroup ?? []);
  const unified = record.unified === undefined ? undefined : cgroups[record.cgroups.indexOf(record.unified)];
  using stub = Stub.make();
  using confinement = confine(plan, filter);
  const [ours, theirs] = socketPair();
  using socket = ours;
  using far = theirs;
  const own = unified === record.unified ? init.pid : undefined;
  const make = (): number => (unified === undefined ? fork() : forkInto(unified, own));
  const foreign = namespacesForUser(init);
  const birth = isWatched(record, filter) ? { socket: far.number, hasTerminal: wanted.terminal } : undefined;
  const first = birth === undefined ? FIRST : 0;
  const child = (): never => {
    socket.close();
    runJoiner({
      ...joinerOptions(options, joining),
      plan: planOf(record, confinement?.process ?? plan),
      cgroups: cgroups.filter((one) => one !== unified),
      stub,
      kept: birth?.socket ?? confinement?.kept,
      socket: far,
      isBornLater: birth !== undefined,
      namespaces: foreign === undefined ? namespacesOf(record, birth !== undefined) : foreign & ~first,
      ...(foreign === undefined ? {} : { oomScoreAdj: undefined }),
    });
  };
  const pid =
    foreign === undefined
      ? forkAsRoot(birth === undefined ? target : undefined, make, child)
      : forkAsUser(joining, { unified, namespaces: foreign & first, socket, far, child });
  far.close();
  const prepare = (): void => {
    const state = stateForListener(record, init);
    if (filter !== undefined) stub.fill(confinement?.stubFor(filter, { state, pid, birth }));
    else stub.fill(birth && stubWithBirth(birth));
    const oomScoreAdj = foreign === undefined ? wanted.oomScoreAdj : undefined;
    if (record.isMapped) userNamespaces().admit({ pid, process: plan, oomScoreAdj });
  };
  const made = { pid, socket, prepare };
  return birth === undefined ? begin(options, made) : beginByBirth(options, made);
}

/** What whoever isn't the machine's root joins: only what the container doesn't share with them, which may be others'. */
function namespacesForUser({ pid }: InitRecord): number | undefined {
  if (attempt('geteuid') === 0 && canLeavePidNamespace()) return undefined;
  return userNamespaces().ownNamespacesOf(pid);
}

/** Those that whoever isn't the machine's root joins before the fork, unless nobody inside is to see its child. */
const FIRST = CLONE.NEWUSER | CLONE.NEWPID;

const NAMESPACES = CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWIPC | CLONE.NEWNET | CLONE.NEWCGROUP;

function namespacesOf({ isMapped, hasTime }: ContainerRecord, isBornLater: boolean): number {
  const time = hasTime === true ? CLONE.NEWTIME : 0;
  return NAMESPACES | time | (isMapped ? CLONE.NEWUSER : 0) | (isBornLater ? CLONE.NEWPID : 0);
}

/** Into the pid namespace of `target`, unless somebody there is to see nothing but the stub. */
function forkAsRoot(target: Fd | undefined, make: () => number, child: () => never): number {
  sys('prctl', PR.SET_DUMPABLE, 0, 0, 0, 0);
  const pid = target === undefined ? make() : forkInPidNamespace(target, make);
  return pid === 0 ? child() : pid;
}

interface UserFork {
  /** The directory of cgroup v2 to be born in. */
  readonly unified: string | undefined;
  /** CLONE_ flags of what is joined with the user namespace. */
  readonly namespaces: number;
  readonly socket: Fd;
  readonly far: Fd;
  readonly child: () => never;
}

function forkAsUser({ target, wanted }: Joining, { unified, ...forking }: UserFork): number {
  using directory = unified === undefined ? undefined : openFile(unified, O.PATH | O.DIRECTORY);
  const cgroup = directory?.number;
  return userNamespaces().forkAsUser({ ...forking, target, cgroup, oomScoreAdj: wanted.oomScoreAdj });
}

function planOf({ isMapped }: ContainerRecord, confined: ProcessPlan): ProcessPlan {
  return isMapped ? { ...confined, rlimits: [] } : confined;
}

function joinerOptions(
  options: ExecOptions,
  { record, target, wanted }: Joining,
): Omit<JoinerOptions, 'plan' | 'cgroups' | 'stub' | 'kept' | 'socket' | 'isBornLater' | 'namespaces'> {
  return {
    target,
    console: wanted.terminal
      ? { uid: wanted.user.uid, size: wanted.consoleSize, socket: options.consoleSocket }
      : undefined,
    stdio: options.stdio ?? [0, 1, 2],
    preservedFds: options.preserveFds ?? 0,
    oomScoreAdj: record.isMapped ? undefined : wanted.oomScoreAdj,
  };
}

interface Child {
  readonly pid: number;
  readonly socket: Fd;
  /** What has to be done before it may go on. */
  readonly prepare: () => void;
}

/** The child becomes the stub, and that the program. */
function begin(options: ExecOptions, { pid, socket, prepare }: Child): ExecutedProcess {
  return orEnd(pid, () => {
    prepare();
    announce(options, pid);
    release(socket);
    return executed(pid, listen(socket).console);
  });
}

/** The child becomes the stub, whose own child becomes the program. */
function beginByBirth(options: ExecOptions, { pid: maker, socket, prepare }: Child): ExecutedProcess {
  const { pid, console } = orEnd(maker, () => {
    prepare();
    release(socket);
    return listenForBirth(socket);
  });
  waitFor(maker);
  try {
    return orEnd(pid, () => {
      announce(options, pid);
      release(socket);
      listen(socket);
      return executed(pid, console);
    });
  } catch (error) {
    console?.close();
    throw error;
  }
}

function orEnd<T>(pid: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    attempt('kill', pid, SIGNAL.KILL);
    waitFor(pid);
    throw error;
  }
}

function executed(pid: number, console: Fd | undefined): ExecutedProcess {
  return console === undefined ? { pid } : { pid, console };
}

function announce({ pidFile, pidfdSocket }: ExecOptions, pid: number): void {
  if (pidFile !== undefined) writePidFile(pidFile, pid);
  if (pidfdSocket !== undefined) sendPidfd(pidfdSocket, pid, 'setns');
}

function stateForListener(record: ContainerRecord, init: InitRecord | undefined): StateForListener {
  const { ociVersion, id, bundle, annotations } = record;
  return { ociVersion, id, status: 'running', pid: init?.pid ?? 0, bundle, annotations };
}
