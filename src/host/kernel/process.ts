import { SysError, attempt, retry, sys } from './call.ts';
import { CLONE, O, POLL } from './constants.ts';
import { ERRNO } from './errno.ts';
import { Fd } from './files.ts';
import { olderCalls } from './older.ts';

export interface CloneOptions {
  /** CLONE_ flags below 2^53. */
  readonly flags?: number;
  /** Descriptor of a cgroup v2 directory to start in (CLONE_INTO_CGROUP, since Linux 5.7). */
  readonly cgroup?: number | undefined;
  /** Signal that the parent gets at the child's end; SIGCHLD unless CLONE_PARENT is among the flags. */
  readonly exitSignal?: number;
}

/** clone3(2) as fork: 0 in the child, its pid in the parent. What the child throws must never reach the parent's frames. */
export function fork(options: CloneOptions = {}): number {
  const flags = options.flags ?? 0;
  const words = new BigUint64Array(11);
  words[0] = BigInt(options.cgroup === undefined ? flags : flags + CLONE.INTO_CGROUP);
  words[4] = BigInt((flags & 0x8000) !== 0 ? 0 : (options.exitSignal ?? 17));
  if (options.cgroup !== undefined) words[10] = BigInt(options.cgroup);
  const result = attempt('clone3', words, 88);
  if (result >= 0) return result;
  // An older clone3(2) knows neither that flag nor that word.
  const isUnknown = result === -ERRNO.E2BIG || result === -ERRNO.EINVAL;
  const older = isUnknown && options.cgroup !== undefined ? olderCalls().cloneProcess([words]) : result;
  if (older >= 0) return older;
  throw new SysError('clone3', -result, '');
}

export function exit(code: number): never {
  for (;;) attempt('exit_group', code);
}

/** The status word of wait4(2) as a shell's code: 0 to 255, or 128 + the signal. */
export function exitCode(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

/** Waits for one child; its wait4(2) status word. */
export function waitFor(pid: number): number {
  const status = new Uint32Array(1);
  retry('wait4', pid, status, 0, null);
  return status[0] ?? 0;
}

/** Vector of C strings for execve(2), NULL at its end; the buffers live as long as `vector.keep`. */
export interface CStrings {
  readonly pointers: BigUint64Array;
  readonly keep: readonly Uint8Array[];
}

export function cStrings(texts: readonly string[]): CStrings {
  const keep = texts.map((text) => bytes(text));
  const pointers = new BigUint64Array(texts.length + 1);
  keep.forEach((buffer, index) => {
    pointers[index] = BigInt(addr(buffer));
  });
  return { pointers, keep };
}

/** Both ends of a pipe(2), close-on-exec: [read, write]. */
export function pipe(flags = 0): [number, number] {
  const ends = new Uint32Array(2);
  sys('pipe2', ends, O.CLOEXEC | flags);
  return [ends[0] ?? -1, ends[1] ?? -1];
}

/** nanosleep(2); a signal ends it early. */
export function sleep(milliseconds: number): void {
  const seconds = Math.floor(milliseconds / 1000);
  attempt('nanosleep', new BigInt64Array([BigInt(seconds), BigInt((milliseconds % 1000) * 1e6)]), null);
}

/**
 * A descriptor of a process, close-on-exec, that awaitEnd() waits with; undefined if there is none. Where there is no
 * pidfd_open(2) (since Linux 5.3) it is the process's directory of /proc, which goes with that very process too.
 */
export function openProcess(pid: number): Fd | undefined {
  const result = attempt('pidfd_open', pid, 0);
  if (result === -ERRNO.ESRCH) return undefined;
  return new Fd(result < 0 ? sys('pidfd_open', pid, 0) : result);
}

/** How often a process is looked at that can't be waited for, in milliseconds. */
const GLANCE = 10;

/**
 * Waits for the end of an open process, or until `other` is readable, up to some milliseconds (-1: for as long as it
 * takes): what of them has come. A signal ends it early.
 */
export function awaitEnd(
  process: Fd,
  milliseconds: number,
  other = -1,
): readonly [ended: boolean, other: boolean] {
  // struct pollfd: descriptor, then what is asked for and what came, 16 bits each. A directory is always writable.
  const waits = new Int32Array([process.number, POLL.IN | POLL.OUT, other, POLL.IN]);
  const count = attempt('poll', waits, 2, milliseconds);
  if (count < 0 && count !== -ERRNO.EINTR) throw new SysError('poll', -count, '');
  const [ended, came] = [(waits[1] ?? 0) >>> 16, (waits[3] ?? 0) >>> 16];
  if (count <= 0 || (ended & POLL.OUT) === 0) return [ended !== 0, came !== 0];
  for (let left = milliseconds; ; left -= GLANCE) {
    if (olderCalls().hasEnded(process.number)) return [true, came !== 0];
    const pause = left < 0 ? GLANCE : Math.min(GLANCE, left);
    const others = new Int32Array([other, POLL.IN]);
    if (attempt('poll', others, 1, pause) > 0) return [false, true];
    if (left >= 0 && left <= GLANCE) return [false, false];
  }
}

/** setns(2) into namespaces of an open process (by its descriptor since Linux 5.8). */
export function joinNamespacesOf(process: Fd, flags: number): void {
  const result = attempt('setns', process.number, flags);
  if (result === 0) return;
  if (result !== -ERRNO.EINVAL) throw new SysError('setns', -result, '');
  olderCalls().joinNamespaces(process.number, flags);
}
