// Random profiles, and the calls that tell right from wrong on them.

import { formatJson, parseJson } from '../../../../pure/base/json.ts';
import type { Dice } from '../../../../pure/base/testing/dice.ts';
import {
  SECCOMP_OPERATORS,
  type Seccomp,
  type SeccompAction,
  type SeccompArg,
} from '../../../../pure/spec/seccomp.ts';
import { parseSeccomp } from '../../seccomp/parse.ts';
import { toCall, type Call } from './bpf.ts';
import { ARCHITECTURES, AUDIT } from './oracle.node.ts';

// Old and new calls, some that 32-bit x86 multiplexes, some that only one architecture has, and two unknown ones.
const NAMES = (
  'read write open close stat mmap ioctl clone clone3 personality socket socketcall ipc accept accept4 send recv ' +
  'bind semop semget shmat shmctl msgsnd recvmsg sendmmsg execve ptrace rt_sigaction waitid keyctl kexec_load ' +
  'openat openat2 faccessat2 close_range arch_prctl cacheflush arm_fadvise64_64 sync_file_range2 mmap2 fcntl64 ' +
  'set_thread_area landlock_restrict_self process_mrelease futex_waitv io_uring_setup preadv2 no_such_call nonsense'
).split(' ');

const ACTIONS: readonly SeccompAction[] = [
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
];
const ARCHITECTURE_LISTS = [
  [],
  ['SCMP_ARCH_X86_64'],
  ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  ['SCMP_ARCH_X32', 'SCMP_ARCH_X86_64'],
  ['SCMP_ARCH_X86'],
  ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  ['SCMP_ARCH_ARM', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X86_64'],
];

/** Calls that every architecture of a plain profile has, directly and by the same name. */
const COMMON_NAMES = (
  'read write open close stat mmap ioctl clone clone3 personality execve ptrace waitid keyctl openat openat2 ' +
  'faccessat2 close_range landlock_restrict_self process_mrelease futex_waitv io_uring_setup'
).split(' ');

/** Without those that lack some of these names. */
const PLAIN_LISTS = ARCHITECTURE_LISTS.filter((list) => !list.join().includes('ARM'));

/**
 * A profile in which libseccomp 2.5 makes none of its known mistakes: it loses track of what is in the accumulator
 * where conditions on one argument differ in their high halves or masks; it forgets to load the call's number
 * where one of an architecture's calls is missing; and rules that begin alike share what follows.
 */
export function plainProfile(dice: Dice): Seccomp {
  const highs = Array.from({ length: 6 }, () => dice.pick(HALVES) << 32n);
  const actions = new Map<string, object>();
  const entry = (): object => {
    const name = dice.pick(COMMON_NAMES);
    const action = actions.get(name) ?? randomAction(dice);
    const names = [name, ...COMMON_NAMES.filter((other) => !actions.has(other) && dice.below(9) === 0)];
    for (const one of names) actions.set(one, action);
    return {
      names,
      args: Array.from({ length: dice.pick([0, 1, 1, 1]) }, () => plainArg(dice, highs)),
      ...action,
    };
  };
  const entries = Array.from({ length: dice.pick([1, 2, 3, 5, 8, 13, 50]) }, entry);
  return toSeccomp(dice, { architectures: dice.pick(PLAIN_LISTS), entries });
}

function plainArg(dice: Dice, highs: readonly bigint[]): object {
  const index = dice.below(6);
  const value = (highs[index] ?? 0n) | dice.pick(HALVES);
  return { index, op: dice.pick(SECCOMP_OPERATORS.filter((op) => op !== 'SCMP_CMP_MASKED_EQ')), value };
}

/** A profile with at most one condition a call, so that each of its comparisons decides for some call. */
export function narrowProfile(dice: Dice): Seccomp {
  const names = COMMON_NAMES.filter(() => dice.below(3) === 0);
  const entries = [...new Set([...names, 'read'])].map((name) => ({
    names: [name],
    // Nothing is less than 0: no comparison would decide.
    args: Array.from({ length: dice.pick([0, 1, 1, 1]) }, () => ({
      ...randomArg(dice),
      value: randomValue(dice) || 1n,
    })),
    ...randomAction(dice),
  }));
  return toSeccomp(dice, { architectures: dice.pick(PLAIN_LISTS), entries });
}

/** A profile as wild as they come. */
export function randomProfile(dice: Dice): Seccomp {
  const entry = (): object => {
    const names = [dice.pick(NAMES), ...dice.some(NAMES, dice.pick([0, 0, 2, 20]))];
    const args = Array.from({ length: dice.pick([0, 0, 1, 1, 1, 2, 3, 6]) }, () => randomArg(dice));
    return { names, args, ...randomAction(dice) };
  };
  const entries = Array.from({ length: dice.pick([1, 2, 3, 5, 8, 13, 50]) }, entry);
  return toSeccomp(dice, { architectures: dice.pick(ARCHITECTURE_LISTS), entries });
}

/** As the runtime would read it from a document. */
function toSeccomp(
  dice: Dice,
  { architectures, entries }: { architectures: readonly string[]; entries: object[] },
): Seccomp {
  const defaults =
    dice.below(2) === 0
      ? {
          defaultAction: 'SCMP_ACT_ERRNO',
          ...(dice.below(3) === 0 ? { defaultErrnoRet: dice.pick([1, 38, 4094]) } : {}),
        }
      : { defaultAction: dice.pick(ACTIONS.filter((action) => action !== 'SCMP_ACT_NOTIFY')) };
  const json = formatJson({ ...defaults, architectures, listenerPath: '/run/listener', syscalls: entries });
  return parseSeccomp(parseJson(json), 'linux.seccomp') as Seccomp;
}

function randomAction(dice: Dice): object {
  const action = dice.pick(ACTIONS);
  if (action === 'SCMP_ACT_NOTIFY') return { action: 'SCMP_ACT_LOG' };
  const takes = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return { action, ...(takes && dice.below(2) === 0 ? { errnoRet: dice.pick([0, 1, 13, 38, 4094]) } : {}) };
}

function randomArg(dice: Dice): object {
  return {
    index: dice.below(dice.pick([2, 6])),
    op: dice.pick(SECCOMP_OPERATORS),
    value: randomValue(dice),
    valueTwo: randomValue(dice),
  };
}

const HALVES = [0n, 0n, 0n, 1n, 2n, 5n, 0xffn, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn];

function randomValue(dice: Dice): bigint {
  return (dice.pick(HALVES) << 32n) | dice.pick(HALVES);
}

const MOST = 2n ** 64n - 1n;
const X32_BIT = 0x40000000;

/** Calls around everything that the profile says, on every architecture. */
export function callsAround(
  profile: Seccomp,
  numbersOf: (name: string) => readonly number[],
  dice: Dice,
): Call[] {
  const calls: Call[] = [];
  const values = valuesAround(profile);
  const add = (architecture: number, number: number): void => {
    calls.push(
      toCall(
        architecture,
        number >>> 0,
        Array.from({ length: 6 }, () => dice.pick(values)),
      ),
    );
  };
  const names = new Set(profile.syscalls.flatMap((entry) => entry.names));
  const conditional = new Set(
    profile.syscalls.flatMap((entry) => (entry.args.length > 0 ? entry.names : [])),
  );
  ARCHITECTURES.forEach((architecture, kind) => {
    const bit = architecture === 'x86_64' ? X32_BIT : 0;
    const audit = architecture === 'x32' ? AUDIT.x86_64 : AUDIT[architecture];
    for (const name of [...names, ...(architecture === 'x86' ? ['socketcall', 'ipc'] : [])]) {
      const number = numbersOf(name)[kind] ?? -1;
      if (number < 0) continue;
      for (const near of [number - 1, number, number + 1, number ^ bit, number ^ 0x80000000])
        add(audit, near);
      const isMuch = conditional.has(name) || name === 'socketcall' || name === 'ipc';
      for (let n = isMuch ? 30 : 0; n > 0; n--) add(audit, number);
    }
    for (const number of [-1, -2, 0, 1, 500, 600, 0x3fffffff, 0x40000000, 0x40000200, 0x7fffffff, 0xc0000000])
      add(audit, number);
  });
  for (const number of [0, 1, 59]) add(0xc00000f3, number);
  return calls;
}

/** For a profile with at most one condition a call: each number and its neighbours, each value around the condition's. */
export function callsAtEdges(profile: Seccomp, numbersOf: (name: string) => readonly number[]): Call[] {
  const none = [0n, 0n, 0n, 0n, 0n, 0n];
  return ARCHITECTURES.flatMap((architecture, kind) => {
    const audit = architecture === 'x32' ? AUDIT.x86_64 : AUDIT[architecture];
    const calls = [
      0, 1, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xbfffffff, 0xc0000000, 0xfffffffe, 0xffffffff,
    ];
    const ends = [0, 0x40000000].flatMap((base) => Array.from({ length: 600 }, (_, number) => base + number));
    return [
      ...[...calls, ...ends].map((number) => toCall(audit, number, none)),
      ...[0, 1, 59].map((number) => toCall(0xc00000f3, number, none)),
      ...profile.syscalls.flatMap(({ names, args: [arg] }) =>
        arg === undefined
          ? []
          : names.flatMap((name) =>
              edgesOf(arg).map((value) =>
                toCall(audit, numbersOf(name)[kind] ?? 0, none.with(arg.index, value)),
              ),
            ),
      ),
    ];
  });
}

/** The halves of the value that decides, their neighbours, and each with one bit of the mask turned. */
function edgesOf({ op, value, valueTwo }: SeccompArg): readonly bigint[] {
  const isMasked = op === 'SCMP_CMP_MASKED_EQ';
  const halves = (shift: bigint): readonly bigint[] => {
    const [mask, half] = [isMasked ? value : MOST, isMasked ? valueTwo & value : value].map(
      (one) => (one >> shift) & 0xffffffffn,
    ) as [bigint, bigint];
    const turned = Array.from({ length: 32 }, (_, bit) => half ^ (mask & (1n << BigInt(bit))));
    return [half - 1n, half, half + 1n, 0n, 0xffffffffn, ...(isMasked ? turned : [])].filter(
      (one) => one >= 0 && one <= 0xffffffffn,
    );
  };
  return halves(32n).flatMap((high) => halves(0n).map((low) => (high << 32n) | low));
}

function valuesAround(profile: Seccomp): readonly bigint[] {
  const args = profile.syscalls.flatMap((entry) => entry.args);
  const values = args.flatMap(({ value, valueTwo, op }) =>
    op === 'SCMP_CMP_MASKED_EQ' ? [value & valueTwo, valueTwo] : [value],
  );
  return [...new Set([0n, 1n, 2n, 16n, MOST, ...values.flatMap(neighboursOf)])];
}

/** Itself, its neighbours, each half alone, and what shares one half with it. */
function neighboursOf(value: bigint): readonly bigint[] {
  const low = value & 0xffffffffn;
  const turned = [value ^ (1n << 32n), low | (low << 32n), value + (1n << 32n)];
  const near = [value, value + 1n, value - 1n, value - low, low, ...turned];
  return near.filter((one) => one >= 0 && one <= MOST);
}
