import { attempt, retry, sys } from '../kernel/call.ts';
import { O, POLL, SIGNAL, WNOHANG } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { exitCode } from '../kernel/process.ts';
import { blockSignals, catchableSignals, signalSet, waitForSignal } from '../kernel/signals.ts';
import { isTerminal, makeRaw, setWindowSize, windowSize } from '../kernel/terminal.ts';

const SIGNALS = signalSet(catchableSignals());

/** Before the fork, so that no signal is lost between it and the wait. */
export function holdSignals(): void {
  blockSignals(SIGNALS);
}

/** Waits for a child with signals held, passing them on; with a terminal's master its bytes too. The exit code. */
export function waitInForeground(pid: number, terminal?: Fd): number {
  if (terminal !== undefined) return relay(pid, terminal);
  for (;;) {
    const code = handleSignal(waitForSignal(SIGNALS), pid);
    if (code !== undefined) return code;
  }
}

/** The child's exit code once it has ended. */
function handleSignal(signal: number, pid: number): number | undefined {
  if (signal !== SIGNAL.CHLD) {
    attempt('kill', pid, signal);
    return undefined;
  }
  const status = new Uint32Array(1);
  const ended = attempt('wait4', pid, status, WNOHANG, null);
  return ended === pid ? exitCode(status[0] ?? 0) : undefined;
}

/** The caller's terminal and the container's, joined until the child ends and its output is drained. */
function relay(pid: number, master: Fd): number {
  const restore = isTerminal(0) ? makeRaw(0) : undefined;
  using signals = new Fd(sys('signalfd4', -1, SIGNALS, 8, O.CLOEXEC));
  try {
    passWindowSize(master);
    return new Relay(pid, master.number, signals.number).run();
  } finally {
    restore?.();
  }
}

function passWindowSize(master: Fd): void {
  const size = windowSize(0);
  if (size !== undefined && size.width > 0) setWindowSize(master.number, size);
}

const CHUNK = 65536;
/** struct signalfd_siginfo */
const SIGNAL_INFO_SIZE = 128;
const END_OF_INPUT = new Uint8Array([4]);

class Relay {
  readonly #pid: number;
  readonly #master: number;
  readonly #signals: number;
  readonly #buffer = new Uint8Array(CHUNK);
  #input: number;
  #code: number | undefined;

  constructor(pid: number, master: number, signals: number) {
    this.#pid = pid;
    this.#master = master;
    this.#signals = signals;
    this.#input = 0;
  }

  run(): number {
    for (;;) {
      const [signal, input, output] = this.#wait();
      if (signal !== 0) this.#takeSignal();
      if (input !== 0) this.#takeInput();
      const isOpen = output === 0 || this.#giveOutput();
      if (this.#code !== undefined && (!isOpen || output === 0)) return this.#code;
      if (!isOpen) return this.#waitForEnd();
    }
  }

  /** What is ready of: the signals, our input, the terminal's output. After the end only what is there already. */
  #wait(): readonly [number, number, number] {
    const list = new Int32Array([this.#signals, POLL.IN, this.#input, POLL.IN, this.#master, POLL.IN]);
    retry('poll', list, 3, this.#code === undefined ? -1 : 0);
    const events = (at: number): number => (list[at] ?? 0) >> 16;
    return [events(1), events(3), events(5)];
  }

  #takeSignal(): void {
    const info = new Uint8Array(SIGNAL_INFO_SIZE);
    retry('read', this.#signals, info, info.length);
    const signal = info[0] ?? 0;
    if (signal === SIGNAL.WINCH) {
      const size = windowSize(0);
      if (size !== undefined) setWindowSize(this.#master, size);
      return;
    }
    this.#code ??= handleSignal(signal, this.#pid);
  }

  #takeInput(): void {
    const count = attempt('read', 0, this.#buffer, CHUNK);
    if (count > 0) return this.#writeMaster(this.#buffer, count);
    this.#input = -1;
    this.#writeMaster(END_OF_INPUT, 1);
  }

  #writeMaster(content: Uint8Array, length: number): void {
    for (let at = 0; at < length;) {
      const count = attempt('write', this.#master, content.subarray(at), length - at);
      if (count < 0 && count !== -4) return;
      at += Math.max(0, count);
    }
  }

  /** False when nobody holds the other end any more (EIO). */
  #giveOutput(): boolean {
    const count = attempt('read', this.#master, this.#buffer, CHUNK);
    if (count <= 0) return count === -4;
    for (let at = 0; at < count;) {
      const written = attempt('write', 1, this.#buffer.subarray(at), count - at);
      if (written < 0 && written !== -4) return true;
      at += Math.max(0, written);
    }
    return true;
  }

  #waitForEnd(): number {
    while (this.#code === undefined) this.#takeSignal();
    return this.#code;
  }
}
