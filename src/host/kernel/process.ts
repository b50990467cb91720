import { attempt, retry, sys } from './call.ts';
import { CLONE, O } from './constants.ts';
import { ERRNO } from './errno.ts';
import { Fd } from './files.ts';

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
  return sys('clone3', words, 88);
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

/** A descriptor of a process, close-on-exec, that becomes readable when the process ends; undefined if there is none. */
export function openProcess(pid: number): Fd | undefined {
  const result = attempt('pidfd_open', pid, 0);
  if (result === -ERRNO.ESRCH) return undefined;
  return new Fd(result < 0 ? sys('pidfd_open', pid, 0) : result);
}
