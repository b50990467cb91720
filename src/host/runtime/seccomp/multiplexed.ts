import { equals, type Condition, type Rule } from './conditions.ts';

/** On 32-bit x86 one call carries many, the kind of call being its first argument. */
interface Carried {
  readonly carrier: 'socketcall' | 'ipc';
  readonly kind: Condition;
}

// include/uapi/linux/net.h (SYS_SOCKET and so on), from 1.
const SOCKET_CALLS =
  'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown ' +
  'setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg';

// include/uapi/linux/ipc.h (SEMOP and so on).
const IPC_CALLS = {
  semop: 1,
  semget: 2,
  semctl: 3,
  semtimedop: 4,
  msgsnd: 11,
  msgrcv: 12,
  msgget: 13,
  msgctl: 14,
  shmat: 21,
  shmdt: 22,
  shmget: 23,
  shmctl: 24,
};

/** What is carried, by name. */
export const CARRIED_CALLS: ReadonlyMap<string, Carried> = carriedCalls();

function carriedCalls(): ReadonlyMap<string, Carried> {
  const calls = new Map<string, Carried>();
  SOCKET_CALLS.split(' ').forEach((name, at) =>
    calls.set(name, { carrier: 'socketcall', kind: equals(0, at + 1) }),
  );
  for (const [name, kind] of Object.entries(IPC_CALLS))
    calls.set(name, { carrier: 'ipc', kind: equals(0, kind) });
  return calls;
}

/**
 * The same rule of the call that carries it. A filter can't follow the pointer to the carried call's arguments;
 * libseccomp lets conditions on others than the first stand, so that they are about the carrier's own.
 */
export function carried({ action, conditions, entry }: Rule, kind: Condition): Rule {
  return { action, conditions: [kind, ...conditions.filter(({ index }) => index !== 0)], entry };
}
