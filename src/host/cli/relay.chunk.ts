import { attempt, retry, sys } from '../kernel/call.ts';
import { F, O, POLL, SIGNAL } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { Fd } from '../kernel/files.ts';
import { isTerminal, makeRaw, setWindowSize, windowSize } from '../kernel/terminal.ts';
import { pollOnce, type Watch } from '../monitor/poll.ts';
import { endOfTyping } from './end-of-typing.ts';
import { handleSignal, SIGNALS } from './foreground.ts';
import { OutputStream } from './output-stream.ts';

/** The caller's terminal and the container's, joined until the child ends and its output is drained. */
export function relay(pid: number, master: Fd): number {
  const restore = isTerminal(0) ? makeRaw(0) : undefined;
  using signals = new Fd(sys('signalfd4', -1, SIGNALS, 8, O.CLOEXEC));
  try {
    passWindowSize(master);
    sys('fcntl', master.number, F.SETFL, O.NONBLOCK | O.RDWR);
    using joined = new Relay(pid, master, signals.number);
    return joined.run();
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
const NOTHING = new Uint8Array(0);

/** Nothing in it waits for one alone: neither for who reads our output nor for the program to take its input. */
class Relay {
  readonly #pid: number;
  readonly #master: Fd;
  readonly #signals: number;
  /** Without its viewer a terminal is hung up. */
  readonly #output = new OutputStream(1, () => this.#master.close());
  readonly #outputBuffer = new Uint8Array(CHUNK);
  readonly #inputBuffer = new Uint8Array(CHUNK);
  #hasInput = true;
  /** What was read of our input and the terminal has not taken yet. */
  #typed: Uint8Array = NOTHING;
  #lastTyped: number | undefined;
  #isHungUp = false;
  #code: number | undefined;
  #isGivenUp = false;

  constructor(pid: number, master: Fd, signals: number) {
    this.#pid = pid;
    this.#master = master;
    this.#signals = signals;
  }

  run(): number {
    for (;;) {
      // After the end only what is there already.
      const timeout = this.#code === undefined || this.#output.isBlocked ? -1 : 0;
      const isQuiet = !pollOnce(this.#watches(), timeout);
      if (this.#code !== undefined && (isQuiet || this.#isGivenUp)) return this.#code;
    }
  }

  [Symbol.dispose](): void {
    this.#output[Symbol.dispose]();
  }

  #watches(): readonly Watch[] {
    const { isBlocked, fd } = this.#output;
    const watches: Watch[] = [{ fd: this.#signals, events: POLL.IN, ready: () => this.#takeSignal() }];
    if (isBlocked) watches.push({ fd, events: POLL.OUT, ready: () => this.#output.flush() });
    if (this.#hasInput && this.#typed.length === 0 && this.#code === undefined) {
      watches.push({ fd: 0, events: POLL.IN, ready: () => this.#takeInput() });
    }
    const events = (isBlocked ? 0 : POLL.IN) | (this.#typed.length === 0 ? 0 : POLL.OUT);
    // Without anything to wait for it would still tell of a hang-up, for ever.
    if (this.#master.number >= 0 && !this.#isHungUp && events !== 0) {
      watches.push({ fd: this.#master.number, events, ready: (came) => this.#serveMaster(came) });
    }
    return watches;
  }

  #takeSignal(): void {
    const info = new Uint8Array(SIGNAL_INFO_SIZE);
    retry('read', this.#signals, info, info.length);
    const signal = info[0] ?? 0;
    // Of our own writing: OutputStream knows.
    if (signal === SIGNAL.PIPE) return;
    if (signal === SIGNAL.WINCH) {
      if (this.#master.number >= 0) passWindowSize(this.#master);
      return;
    }
    // The program has ended, and a signal is for us, who wait for nothing but our reader.
    if (this.#code !== undefined) this.#isGivenUp = signal !== SIGNAL.CHLD;
    else this.#code = handleSignal(signal, this.#pid);
  }

  #takeInput(): void {
    const count = attempt('read', 0, this.#inputBuffer, CHUNK);
    if (count === -ERRNO.EINTR || count === -ERRNO.EAGAIN) return;
    this.#hasInput = count > 0;
    this.#typed = count > 0 ? this.#inputBuffer.subarray(0, count) : endOfTyping(this.#lastTyped);
    this.#lastTyped = this.#typed.at(-1);
    this.#type();
  }

  #serveMaster(came: number): void {
    // Nobody is there to read it: the kernel would only say that there is no room.
    if ((came & POLL.HUP) !== 0) this.#typed = NOTHING;
    if (this.#typed.length > 0) this.#type();
    if (!this.#output.isBlocked) this.#giveOutput();
  }

  #type(): void {
    if (this.#isHungUp || this.#master.number < 0) this.#typed = NOTHING;
    if (this.#typed.length === 0) return;
    const count = attempt('write', this.#master.number, this.#typed, this.#typed.length);
    if (count === -ERRNO.EINTR || count === -ERRNO.EAGAIN) return;
    this.#typed = count < 0 ? NOTHING : this.#typed.subarray(count);
  }

  #giveOutput(): void {
    const count = attempt('read', this.#master.number, this.#outputBuffer, CHUNK);
    if (count > 0) return this.#output.write(this.#outputBuffer.subarray(0, count));
    // EIO: nobody holds the other end any more.
    this.#isHungUp = count !== -ERRNO.EINTR && count !== -ERRNO.EAGAIN;
  }
}
