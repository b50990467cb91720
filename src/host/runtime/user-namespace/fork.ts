import { isSysError, sys } from '../../kernel/call.ts';
import { CLONE, O } from '../../kernel/constants.ts';
import { Fd, openFile, writeAll, writeExisting } from '../../kernel/files.ts';
import { exit, fork, pipe, waitFor } from '../../kernel/process.ts';
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
  const [reading, writing] = pipe();
  using told = new Fd(reading);
  using tell = new Fd(writing);
  const between = fork();
  if (between === 0) {
    guarded(far, () => {
      const all = pid === undefined ? joined : [pid, ...joined];
      joinAll(all, user?.path);
      const flags = cloneFlags | CLONE.PARENT;
      const made = named('Make the namespaces', () => fork({ flags, cgroup }));
      if (made === 0) return init();
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
  if (oomScoreAdj !== undefined) {
    const adjust = (): void => writeExisting(`/proc/${pid}/oom_score_adj`, String(oomScoreAdj));
    named(`Set oomScoreAdj to ${oomScoreAdj}`, adjust);
  }
  for (const { type, number, soft, hard } of process.rlimits) {
    const set = (): number => sys('prlimit64', pid, number, new BigUint64Array([soft, hard]), null);
    named(`Set ${type} to ${soft}:${hard}`, set);
  }
}
