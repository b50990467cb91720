import { attempt, sys } from '../../kernel/call.ts';
import { O, PR } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { fork } from '../../kernel/process.ts';
import { named } from '../errors.ts';
import type { ContainerPlan } from '../plan/container.ts';
import { timeNamespaces } from '../time-namespace/time-namespaces.ts';
import { userNamespaces } from '../user-namespace/user-namespaces.ts';
import { canLeavePidNamespace, forkInPidNamespace } from './pid-namespace.ts';

export interface InitFork {
  readonly plan: ContainerPlan;
  /** Descriptor of the cgroup v2 directory to be born in. */
  readonly cgroup: number | undefined;
  /** Our end of the channel to the child, and the child's. */
  readonly socket: Fd;
  readonly far: Fd;
  /** The child's life. */
  readonly init: () => never;
}

/** Non-dumpable from here on: nobody in a namespace that is joined may look into this process or its child. */
export function forkInit(request: InitFork): number {
  const { user, time } = request.plan.namespaces;
  // Whoever isn't root may write the mappings of dumpable processes only: such an init sees to itself.
  if (user === undefined || user.path !== undefined || attempt('geteuid') === 0)
    sys('prctl', PR.SET_DUMPABLE, 0, 0, 0, 0);
  if (time === undefined) return forkIntoOthers(request);
  return timeNamespaces().forkInTimeNamespace(time, () => forkIntoOthers(request));
}

function forkIntoOthers({ plan: { namespaces }, cgroup, socket, far, init }: InitFork): number {
  const { pid: joined, cloneFlags, user } = namespaces;
  if (user !== undefined) {
    return userNamespaces().forkIntoNamespaces({ namespaces, cgroup, socket, far, init });
  }
  if (joined !== undefined && !canLeavePidNamespace()) {
    // Init joins the others by itself.
    const first = { ...namespaces, joined: [] };
    return userNamespaces().forkIntoNamespaces({ namespaces: first, cgroup, socket, far, init });
  }
  using namespace = joined === undefined ? undefined : openNamespace(joined.path);
  const make = (): number => named('Make the namespaces', () => fork({ flags: cloneFlags, cgroup }));
  const pid = namespace === undefined ? make() : forkInPidNamespace(namespace, make);
  return pid === 0 ? init() : pid;
}

function openNamespace(path: string): Fd {
  return named(`Join the pid namespace ${path}`, () => openFile(path, O.RDONLY));
}
