import { attempt, interpose, type Argument, type Syscall } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { Fd } from '../../kernel/files.ts';
import { NR } from '../../kernel/numbers.ts';
import { exit, fork, pipe, waitFor } from '../../kernel/process.ts';

/** Whose calls count: those of the process that does the work, or those of the child that it forks. */
export type Side = 'parent' | 'child';

export interface Blow {
  readonly side: Side;
  /** The call that it falls on, from 1. */
  readonly n: number;
}

const KILLED = 137;
const ERRORS = [ERRNO.EIO, ERRNO.EPERM, ERRNO.ENOMEM] as const;
/** What the kernel never refuses, or what only reports an end. */
const SPARED: ReadonlySet<number> = new Set([NR.exit_group, NR.getpid, NR.wait4]);

/** Runs `body` with one system call that fails; whether there was such a call. */
export function withFailure(blow: Blow, body: () => void): boolean {
  using mark = new Mark();
  const before: Syscall = laid(blow, (nr, args) => {
    mark.set(before);
    // A close that fails has closed all the same.
    if (nr === NR.close) before(nr, ...args);
    return -(ERRORS[blow.n % ERRORS.length] ?? ERRNO.EIO);
  });
  try {
    body();
  } finally {
    interpose(before);
  }
  return mark.isSet();
}

/** Runs `body` in a process of its own that is killed before a system call; whether there was such a call. */
export function withKill(blow: Blow, body: () => void): boolean {
  using mark = new Mark();
  const pid = fork();
  if (pid === 0) {
    try {
      const before: Syscall = laid(blow, () => {
        mark.set(before);
        // The first process of a pid namespace could not send SIGKILL to itself; its end is the same.
        return before(NR.exit_group, KILLED);
      });
      body();
    } catch {
      // What it fails with is seen in what it leaves.
    }
    exit(0);
  }
  waitFor(pid);
  return mark.isSet();
}

/** Counts the calls of one side and hands the n-th over. */
function laid({ side, n }: Blow, strike: (nr: number, args: readonly Argument[]) => number): Syscall {
  let count = 0;
  let isChild = false;
  const before = interpose((nr, ...args) => {
    if ((side === 'child') === isChild && !SPARED.has(nr) && ++count === n) return strike(nr, args);
    const result = before(nr, ...args);
    if (nr === NR.clone3 && result === 0) isChild = true;
    return result;
  });
  return before;
}

/** A sign that any process can set for the one that made it. */
class Mark {
  readonly #reading: Fd;
  readonly #writing: Fd;

  constructor() {
    const [reading, writing] = pipe(O.NONBLOCK);
    this.#reading = new Fd(reading);
    this.#writing = new Fd(writing);
  }

  set(call: Syscall): void {
    call(NR.write, this.#writing.number, '!', 1);
  }

  isSet(): boolean {
    return attempt('read', this.#reading.number, new Uint8Array(1), 1) === 1;
  }

  [Symbol.dispose](): void {
    this.#reading.close();
    this.#writing.close();
  }
}
