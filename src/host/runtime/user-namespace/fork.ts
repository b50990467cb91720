import { isSysError, sys } from '../../kernel/call.ts';
import { CLONE, O, PR } from '../../kernel/constants.ts';
import { Fd, openFile, writeAll, writeExisting } from '../../kernel/files.ts';
import { exit, fork, joinNamespacesOf, pipe, waitFor } from '../../kernel/process.ts';
import { named } from '../errors.ts';
import { listen } from '../init/channel.ts';
import { guarded } from '../init/guarded.ts';
import type { JoinedNamespace, NamespacePlan } from '../plan/namespaces.ts';
import type { ProcessPlan } from '../plan/process.ts';

export interface Forking {
  readonly namespaces: NamespacePlan;
  /** Descriptor of the cgroup v2 directory to be born in. */
  readonly cgroup: number | undefined;
  /** Our end of the channel to the child, and the child's. */
  readonly socket: Fd;
  readonly far: Fd;
  readonly init: () => never;
}

/**
 * Forks init into a user namespace together with namespaces that it joins: those belong to others, so they are joined
 * by a process in between, as we are on the host, then the user namespace, and in it what is new is made. Init is our
 * own child all the same.
 */
export function forkIntoNamespaces({ namespaces, cgroup, socket, far, init }: Forking): number {
  const { user, pid, joined, cloneFlags } = namespaces;
  if (user?.path === undefined && pid === undefined && joined.length === 0) {
    const made = named('Make the namespaces', () => fork({ flags: cloneFlags, cgroup }));
    return made === 0 ? init() : made;
  }
  const enter = (): void => joinAll(pid === undefined ? joined : [pid, ...joined], user?.path);
  const flags = cloneFlags | CLONE.PARENT;
  const make = (): number => named('Make the namespaces', () => fork({ flags, cgroup }));
  return forkThrough({ socket, far, enter, make, child: init });
}

interface Passage extends Pick<Forking, 'socket' | 'far'> {
  /** What the process between does before it forks with `make`, a child of ours and not of its own. */
  readonly enter: () => void;
  readonly make: () => number;
  readonly child: () => never;
}

function forkThrough({ socket, far, enter, make, child }: Passage): number {
  const [reading, writing] = pipe();
  using told = new Fd(reading);
  using tell = new Fd(writing);
  const between = fork();
  if (between === 0) {
    guarded(far, () => {
      enter();
      const made = make();
      if (made === 0) return child();
      writeAll(tell.number, new Uint8Array(new Uint32Array([made]).buffer));
      return exit(0);
    });
  }
  tell.close();
  waitFor(between);
  const number = new Uint32Array(1);
  if (sys('read', told.number, number, 4) === 4) return number[0] ?? 0;
  far.close();
  listen(socket);
  throw new Error('the process between ended without a word');
}

export interface UserForking extends Pick<Forking, 'cgroup' | 'socket' | 'far'> {
  /** The container's init. */
  readonly target: Fd;
  /** CLONE_NEWUSER and CLONE_NEWPID, unless these are the caller's own. */
  readonly namespaces: number;
  readonly oomScoreAdj: number | undefined;
  readonly child: () => never;
}

/**
 * Forks into the user and pid namespaces of a container for whoever isn't the machine's root, who may join other
 * namespaces only from the first, and can't come back from the second.
 * Until then the process between is seen by nobody inside, and its score can be set, as a dumpable process's alone can.
 */
export function forkAsUser({
  target,
  namespaces,
  cgroup,
  oomScoreAdj,
  socket,
  far,
  child,
}: UserForking): number {
  const enter = (): void => {
    if (oomScoreAdj !== undefined) setOomScore('self', oomScoreAdj);
    sys('prctl', PR.SET_DUMPABLE, 0, 0, 0, 0);
    if (namespaces !== 0)
      named('Join the user and pid namespaces', () => joinNamespacesOf(target, namespaces));
  };
  return forkThrough({ socket, far, enter, make: () => fork({ flags: CLONE.PARENT, cgroup }), child });
}

/** What belongs to the user namespace can be joined only from inside it. */
function joinAll(joined: readonly JoinedNamespace[], user: string | undefined): void {
  const opened = joined.map((one) => ({ one, namespace: open(one) }));
  const left = user === undefined ? [] : opened.filter(({ one, namespace }) => !tryJoin(one, namespace));
  if (user !== undefined) join({ type: 'user', flag: CLONE.NEWUSER, path: user }, openFile(user, O.RDONLY));
  for (const { one, namespace } of user === undefined ? opened : left) join(one, namespace);
}

function open({ type, path }: JoinedNamespace): Fd {
  return named(`Join the ${type} namespace ${path}`, () => openFile(path, O.RDONLY));
}

function tryJoin({ flag }: JoinedNamespace, namespace: Fd): boolean {
  try {
    sys('setns', namespace.number, flag);
    return true;
  } catch (error) {
    if (isSysError(error, 'EPERM')) return false;
    throw error;
  }
}

function join({ type, flag, path }: JoinedNamespace, namespace: Fd): void {
  named(`Join the ${type} namespace ${path}`, () => sys('setns', namespace.number, flag));
  namespace.close();
}

export interface Admission {
  readonly pid: number;
  readonly process: ProcessPlan;
  readonly oomScoreAdj: number | undefined;
}

/** What needs privileges on the host is done to the process from outside. */
export function admit({ pid, process, oomScoreAdj }: Admission): void {
  if (oomScoreAdj !== undefined) setOomScore(pid, oomScoreAdj);
  for (const { type, number, soft, hard } of process.rlimits) {
    const set = (): number => sys('prlimit64', pid, number, new BigUint64Array([soft, hard]), null);
    named(`Set ${type} to ${soft}:${hard}`, set);
  }
}

function setOomScore(pid: number | 'self', score: number): void {
  const hint = (): string => 'lowering it needs CAP_SYS_RESOURCE, which the caller lacks';
  named(
    `Set oomScoreAdj to ${score}`,
    () => writeExisting(`/proc/${pid}/oom_score_adj`, String(score)),
    hint,
  );
}
