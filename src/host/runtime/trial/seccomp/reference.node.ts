// What a profile's own words say of a call, evaluated the plain way: no tree, no program.

import type { Seccomp, SeccompArg } from '../../../../pure/spec/seccomp.ts';
import type { Call } from './bpf.ts';
import { actionOf, ARCHITECTURES, AUDIT, HOST, type ArchitectureName } from './oracle.node.ts';

const X32_BIT = 0x40000000;
const CARRIERS = ['socketcall', 'ipc'];
const IPC_KINDS: Readonly<Record<string, bigint>> = {
  semop: 1n,
  semget: 2n,
  semctl: 3n,
  semtimedop: 4n,
  msgsnd: 11n,
  msgrcv: 12n,
  msgget: 13n,
  msgctl: 14n,
  shmat: 21n,
  shmdt: 22n,
  shmget: 23n,
  shmctl: 24n,
};
const SOCKET_KINDS = (
  '- socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown ' +
  'setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg'
).split(' ');

type NumbersOf = (name: string) => readonly number[];

/**
 * The actions that rules give to a call: those of all rules that match (which of them counts, the profile doesn't
 * say), or the default. Undefined for a call of an architecture that the profile doesn't name.
 */
export function actionsFor(
  profile: Seccomp,
  call: Call,
  numbersOf: NumbersOf,
): ReadonlySet<number> | undefined {
  const architecture = architectureOf(call, profile);
  if (architecture === undefined) return undefined;
  const is64 = architecture === 'x86_64' || architecture === 'aarch64';
  const kind = ARCHITECTURES.indexOf(architecture);
  const otherwise = actionOf(profile.defaultAction, profile.defaultErrnoRet);
  const actions = new Set<number>();
  for (const { names, action, errnoRet, args } of profile.syscalls) {
    const value = actionOf(action, errnoRet);
    if (value === otherwise) continue;
    for (const name of names) {
      const isDirect = directNumber(name, numbersOf(name)[kind], architecture) === call.number;
      if (isDirect && matches(args, call.args, is64)) actions.add(value);
      if (architecture === 'x86' && isCarried(name, call, numbersOf) && matchesCarried(args, call.args))
        actions.add(value);
    }
  }
  return actions.size === 0 ? new Set([otherwise]) : actions;
}

function architectureOf(call: Call, profile: Seccomp): ArchitectureName | undefined {
  const isNamed = (name: ArchitectureName): boolean =>
    name === HOST || profile.architectures.some((one) => one === `SCMP_ARCH_${name.toUpperCase()}`);
  if (call.architecture === AUDIT.x86_64 && call.number >= X32_BIT) {
    if (isNamed('x32')) return 'x32';
    return call.number === 0xffffffff && isNamed('x86_64') ? 'x86_64' : undefined;
  }
  const found = ARCHITECTURES.find((name) => name !== 'x32' && AUDIT[name] === call.architecture);
  return found !== undefined && isNamed(found) ? found : undefined;
}

// These have numbers of their own on x86 too, which libseccomp doesn't tell: include/uapi/asm/unistd_32.h.
const X86_DIRECT: Readonly<Record<string, number>> = {
  socket: 359,
  socketpair: 360,
  bind: 361,
  connect: 362,
  listen: 363,
  accept4: 364,
  getsockopt: 365,
  setsockopt: 366,
  getsockname: 367,
  getpeername: 368,
  sendto: 369,
  sendmsg: 370,
  recvfrom: 371,
  recvmsg: 372,
  shutdown: 373,
  recvmmsg: 337,
  sendmmsg: 345,
  semget: 393,
  semctl: 394,
  shmget: 395,
  shmctl: 396,
  shmat: 397,
  shmdt: 398,
  msgget: 399,
  msgsnd: 400,
  msgrcv: 401,
  msgctl: 402,
};

function directNumber(
  name: string,
  number: number | undefined,
  architecture: ArchitectureName,
): number | undefined {
  return architecture === 'x86' ? (X86_DIRECT[name] ?? number) : number;
}

function isCarried(name: string, call: Call, numbersOf: NumbersOf): boolean {
  const [socketcall, ipc] = CARRIERS.map((carrier) => numbersOf(carrier)[1]);
  const kind = (call.args[0] ?? 0n) & 0xffffffffn;
  if (call.number === socketcall) return SOCKET_KINDS.indexOf(name) === Number(kind);
  return call.number === ipc && IPC_KINDS[name] === kind;
}

function matches(args: readonly SeccompArg[], values: readonly bigint[], is64: boolean): boolean {
  const one = (arg: SeccompArg): boolean =>
    holds(arg, values[arg.index] ?? 0n, is64 ? 2n ** 64n - 1n : 0xffffffffn);
  if (args.length === 0) return true;
  return new Set(args.map(({ index }) => index)).size < args.length ? args.some(one) : args.every(one);
}

/** The carrier's first argument stands for the call itself. */
function matchesCarried(args: readonly SeccompArg[], values: readonly bigint[]): boolean {
  const isFirst = ({ index }: SeccompArg): boolean => index === 0;
  if (new Set(args.map(({ index }) => index)).size === args.length) {
    return matches(
      args.filter((arg) => !isFirst(arg)),
      values,
      false,
    );
  }
  return args.some(isFirst) || matches(args, values, false);
}

function holds({ op, value, valueTwo }: SeccompArg, argument: bigint, mask: bigint): boolean {
  const [left, right] = [argument & mask, value & mask];
  switch (op) {
    case 'SCMP_CMP_EQ':
      return left === right;
    case 'SCMP_CMP_NE':
      return left !== right;
    case 'SCMP_CMP_LT':
      return left < right;
    case 'SCMP_CMP_LE':
      return left <= right;
    case 'SCMP_CMP_GT':
      return left > right;
    case 'SCMP_CMP_GE':
      return left >= right;
    case 'SCMP_CMP_MASKED_EQ':
      return (left & right) === (valueTwo & right);
  }
}
