import { ERRNO, errnoName, type ErrnoName } from './errno.ts';
import { gate, type Argument, type Syscall } from './gate.ts';
import { loadOlder } from './load-older.ts';
import { NR, type SyscallName } from './numbers.ts';

export type { Argument, Syscall };

/** A system call that failed; `target` is the first path among its arguments. */
export class SysError extends Error {
  readonly isSysError = true;
  readonly syscall: SyscallName;
  readonly errno: number;
  readonly target: string;

  constructor(name: SyscallName, errno: number, target: string) {
    super(`${name}${target === '' ? '' : ` ${target}`}: ${errnoName(errno)}`);
    this.name = 'SysError';
    this.syscall = name;
    this.errno = errno;
    this.target = target;
  }
}

export function isSysError(error: unknown, ...names: readonly ErrnoName[]): error is SysError {
  if (typeof error !== 'object' || error === null || !('isSysError' in error)) return false;
  return names.length === 0 || names.some((name) => ERRNO[name] === (error as SysError).errno);
}

let enter: Syscall = gate;

/**
 * Puts another gate in front of the kernel and gives the one before back: how a recording gate that fails or
 * kills at the n-th call is laid under any module.
 */
export function interpose(other: Syscall): Syscall {
  const before = enter;
  enter = other;
  return before;
}

/** Calls from this number on came with Linux 5.1 and later: older kernels, and seccomp profiles of their time, refuse them. */
const FIRST_RECENT = NR.pidfd_send_signal;

type Substitute = (name: SyscallName, result: number, args: readonly Argument[]) => number;

/** What older calls give in the place of one that was refused. */
function insteadOf(name: SyscallName, result: number, args: readonly Argument[]): number {
  const { substitute } = loadOlder() as { readonly substitute: Substitute };
  return substitute(name, result, args);
}

// Parameters, not a rest of them: an array made and spread at each call would double what a call costs. What isn't
// given is undefined, which the host hands to the kernel as 0.

/** The result, or throws SysError. EINTR is retried only where the caller asks by `retry`. */
export function sys(
  name: SyscallName,
  a?: Argument,
  b?: Argument,
  c?: Argument,
  d?: Argument,
  e?: Argument,
  f?: Argument,
): number {
  const result = attempt(name, a, b, c, d, e, f);
  if (result < 0) throw new SysError(name, -result, pathAmong([a, b, c, d, e, f]));
  return result;
}

/** The result or -errno: for callers that expect to be refused. */
export function attempt(
  name: SyscallName,
  a?: Argument,
  b?: Argument,
  c?: Argument,
  d?: Argument,
  e?: Argument,
  f?: Argument,
): number {
  const result = enter(NR[name], a, b, c, d, e, f);
  if (result !== -ERRNO.ENOSYS && result !== -ERRNO.EPERM) return result;
  return NR[name] < FIRST_RECENT ? result : insteadOf(name, result, [a, b, c, d, e, f]);
}

/** As `attempt`, and no other calls are made in its stead. */
export function attemptAlone(name: SyscallName, ...args: readonly Argument[]): number {
  return enter(NR[name], ...args);
}

/** As `sys`, again for as long as a signal interrupts. */
export function retry(
  name: SyscallName,
  a?: Argument,
  b?: Argument,
  c?: Argument,
  d?: Argument,
  e?: Argument,
  f?: Argument,
): number {
  for (;;) {
    const result = enter(NR[name], a, b, c, d, e, f);
    if (result >= 0) return result;
    if (result !== -ERRNO.EINTR) throw new SysError(name, -result, pathAmong([a, b, c, d, e, f]));
  }
}

function pathAmong(args: readonly Argument[]): string {
  const path = args.find((argument) => typeof argument === 'string');
  return typeof path === 'string' ? path : '';
}
