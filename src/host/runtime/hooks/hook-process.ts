import type { Hook } from '../../../pure/spec/runtime.ts';
import { invariant } from '../../../pure/base/errors.ts';
import { SysError, attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { CLOSE_RANGE_CLOEXEC, F, O, PR, SIGNAL, X_OK } from '../../kernel/constants.ts';
import { ERRNO, errnoName } from '../../kernel/errno.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { Fd, encode, writeAll } from '../../kernel/files.ts';
import { awaitEnd, cStrings, exit, fork, openProcess, pipe, waitFor } from '../../kernel/process.ts';
import { resetSignalActions, unblockAllSignals } from '../../kernel/signals.ts';
import { execute, type Stub } from '../init/stub.ts';

export interface HookPlace {
  /** Where the hook begins; where we are unless given. */
  readonly directory?: string | number;
  /** For a hook of the container's own tree, which must never get hold of our executable. */
  readonly stub?: Stub;
  /** The connection to its seccomp agent, and the number under which the stub looks for it. */
  readonly listener?: { readonly own: number; readonly kept: number } | undefined;
}

export interface HookEnd {
  /** A status word of wait4(2), or that its time was over. */
  readonly status: number | 'late';
  /** The beginning of what it printed. */
  readonly printed: string;
}

const PRINTED_LIMIT = 4096;
const PIPE_SIZE = 65_536;
const NOT_EXECUTED = 127;

/** Runs one hook to its end, or to that of its time; none of its process group outlives that. */
export function runHookProcess(hook: Hook, state: string, place: HookPlace): HookEnd {
  using input = pipeHolding(encode(state));
  const [reading, writing] = pipe();
  using printed = new Fd(reading);
  using print = new Fd(writing);
  const parent = sys('getpid');
  const pid = fork();
  if (pid === 0) beHook(hook, { input, print, parent }, place);
  try {
    print.close();
    return watch(pid, printed, hook.timeout);
  } catch (error) {
    endGroup(pid);
    throw error;
  }
}

/** Holds all of the text, so that nobody has to wait for a reader. */
function pipeHolding(content: Uint8Array): Fd {
  const [reading, writing] = pipe();
  using end = new Fd(writing);
  const input = new Fd(reading);
  try {
    if (content.length > PIPE_SIZE) sys('fcntl', end.number, F.SETPIPE_SZ, content.length);
    writeAll(end.number, content);
    return input;
  } catch (error) {
    input.close();
    throw error;
  }
}

function endGroup(pid: number): void {
  attempt('kill', -pid, SIGNAL.KILL);
  attempt('kill', pid, SIGNAL.KILL);
  waitFor(pid);
}

/** Until it ends: what it leaves running may hold its output open for longer. */
function watch(pid: number, printed: Fd, timeout: number | undefined): HookEnd {
  using process = openProcess(pid);
  invariant(process !== undefined, 'a child stays until it is waited for');
  sys('fcntl', printed.number, F.SETFL, O.NONBLOCK);
  const output = new Output(printed);
  const end = timeout === undefined ? undefined : monotonicMs() + timeout * 1000;
  for (;;) {
    const left = end === undefined ? -1 : Math.max(0, Math.ceil(end - monotonicMs()));
    const [hasEnded, hasPrinted] = awaitEnd(process, left, output.isOpen ? printed.number : -1);
    if (hasEnded || hasPrinted) output.read();
    if (hasEnded) return { status: waitFor(pid), printed: output.text };
    if (!hasPrinted && left === 0) {
      endGroup(pid);
      return { status: 'late', printed: output.text };
    }
  }
}

class Output {
  readonly #from: Fd;
  readonly #buffer = new Uint8Array(PRINTED_LIMIT);
  #length = 0;
  isOpen = true;

  constructor(from: Fd) {
    this.#from = from;
  }

  /** All that is there now; what is beyond the limit is lost. */
  read(): void {
    const chunk = new Uint8Array(PRINTED_LIMIT);
    while (this.isOpen) {
      const count = attempt('read', this.#from.number, chunk, chunk.length);
      if (count === -ERRNO.EAGAIN) return;
      if (count === -ERRNO.EINTR) continue;
      if (count <= 0) this.isOpen = false;
      const taken = chunk.subarray(0, Math.min(Math.max(0, count), PRINTED_LIMIT - this.#length));
      this.#buffer.set(taken, this.#length);
      this.#length += taken.length;
    }
  }

  get text(): string {
    return utf8(this.#buffer, 0, this.#length);
  }
}

interface Streams {
  readonly input: Fd;
  readonly print: Fd;
  /** Who must live for the hook to live. */
  readonly parent: number;
}

/** The life of a hook's process until it is the hook. */
function beHook(hook: Hook, { input, print, parent }: Streams, place: HookPlace): never {
  try {
    // First of all, so that what fails next is told where it is read.
    sys('dup3', print.number, 2, 0);
    resetSignalActions();
    unblockAllSignals();
    sys('prctl', PR.SET_PDEATHSIG, SIGNAL.KILL, 0, 0, 0);
    if (sys('getppid') !== parent) exit(NOT_EXECUTED);
    sys('setpgid', 0, 0);
    sys('dup3', input.number, 0, 0);
    sys('dup3', print.number, 1, 0);
    sys('close_range', 3, 0xffffffff, CLOSE_RANGE_CLOEXEC);
    if (typeof place.directory === 'string') sys('chdir', place.directory);
    else if (place.directory !== undefined) sys('fchdir', place.directory);
    executeHook(hook, place);
  } catch (error) {
    const why = isSysError(error) ? errnoName(error.errno) : String(error);
    attempt('write', 2, why, encode(why).length);
  }
  exit(NOT_EXECUTED);
}

function executeHook({ path, args, env }: Hook, { stub, listener }: HookPlace): never {
  retry('access', path, X_OK);
  if (listener !== undefined) sys('dup3', listener.own, listener.kept, 0);
  if (stub !== undefined) return execute(stub, { program: path, args, env: env ?? [], kept: listener?.kept });
  const argv = cStrings(args);
  const envp = cStrings(env ?? environ());
  const result = attempt('execve', path, argv.pointers, envp.pointers);
  throw new SysError('execve', -result, path);
}
