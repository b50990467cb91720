import type { Entry, Said, Statement } from './statements.ts';
import { equals, type Condition, type Rule } from './conditions.ts';
import { familyOf } from './tables.ts';

/** On 32-bit x86 one call carries many, the kind of call being its first argument. */
interface Carrier {
  readonly name: 'socketcall' | 'ipc';
  readonly kinds: ReadonlyMap<string, Condition>;
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

const CARRIERS: readonly Carrier[] = [
  {
    name: 'socketcall',
    kinds: new Map(SOCKET_CALLS.split(' ').map((name, at) => [name, equals(0, at + 1)])),
  },
  { name: 'ipc', kinds: new Map(Object.entries(IPC_CALLS).map(([name, kind]) => [name, equals(0, kind)])) },
];

const X86_NAMES = familyOf('x86').names;
const CARRIED: ReadonlySet<number> = new Set(
  CARRIERS.flatMap(({ kinds }) => [...kinds.keys()]).map((name) => X86_NAMES.get(name) ?? -1),
);

/** Whether the name at that place has two ways: such calls don't count for which call is the newest. */
export function isCarried(place: number): boolean {
  return CARRIED.has(place);
}

/** What is said of 32-bit x86, where rules about what is carried are rules about the carrier too. */
export function withCarried(said: Said, entries: readonly Entry[]): Said {
  let all = said;
  for (const { name, kinds } of CARRIERS) {
    const carrier = X86_NAMES.get(name) ?? 0;
    const own = said[carrier];
    if (typeof own === 'number') continue;
    const others = [...kinds].flatMap(([one, kind]) =>
      rulesOfName(one, said[X86_NAMES.get(one) ?? -1], entries).map((rule) => asCarried(rule, kind)),
    );
    const rules = [...(own ?? []), ...others].sort((a, b) => a.entry - b.entry);
    if (rules.length > 0) all = all.with(carrier, rules);
  }
  return all;
}

function rulesOfName(
  name: string,
  statement: Statement | undefined,
  entries: readonly Entry[],
): readonly Rule[] {
  if (typeof statement !== 'number') return statement ?? [];
  const entry = entries.findIndex((one) => one.statement === statement && one.names.includes(name));
  return [{ action: statement, conditions: [], entry }];
}

/**
 * The same rule of the call that carries it. A filter can't follow the pointer to the carried call's arguments;
 * libseccomp lets conditions on others than the first stand, so that they are about the carrier's own.
 */
function asCarried({ action, conditions, entry }: Rule, kind: Condition): Rule {
  return { action, conditions: [kind, ...conditions.filter(({ index }) => index !== 0)], entry };
}
