import { attempt } from '../../kernel/call.ts';
import { cStrings, exit, exitCode, fork, waitFor } from '../../kernel/process.ts';
import { resetSignalActions, unblockAllSignals } from '../../kernel/signals.ts';

const NOT_EXECUTABLE = 126;
const LAST_FD = 0xffffffff;
const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/**
 * Runs a program to its end, with these standard streams and no other descriptor; its exit code, 126 where it could
 * not be executed.
 */
export function runProgram(
  path: string,
  args: readonly string[],
  stdio: readonly [number, number, number],
): number {
  const pid = fork();
  if (pid === 0) become(path, args, stdio);
  return exitCode(waitFor(pid));
}

/** In a forked process: becomes the program. */
export function become(
  path: string,
  args: readonly string[],
  stdio: readonly [number, number, number],
): never {
  // First away from 0, 1 and 2, since one may stand in another's place.
  const moved = stdio.map((fd) => attempt('fcntl', fd, F_DUPFD, 3));
  moved.forEach((fd, index) => attempt('dup3', fd, index, 0));
  attempt('close_range', 3, LAST_FD, 0);
  unblockAllSignals();
  resetSignalActions();
  const [words, variables] = [cStrings([path, ...args]), cStrings(ENVIRONMENT)];
  attempt('execve', path, words.pointers, variables.pointers);
  exit(NOT_EXECUTABLE);
}

/** fcntl(2) */
const F_DUPFD = 0;
