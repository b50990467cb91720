import { attempt, retry, sys } from '../kernel/call.ts';
import { O, POLL, SIGNAL } from '../kernel/constants.ts';
import { ERRNO, errnoName } from '../kernel/errno.ts';
import { Fd } from '../kernel/files.ts';
import { catchableSignals, signalSet } from '../kernel/signals.ts';
import { isTerminal, makeRaw, windowSize } from '../kernel/terminal.ts';
import { failureOf, sendSignal, type MonitorConnection } from '../monitor/connect-monitor.ts';
import {
  creditOf,
  jsonOf,
  MAX_PAYLOAD,
  PACKET,
  resizePacket,
  STDIN_WINDOW,
  type Exited,
  type Started,
} from '../monitor/packets.ts';
import { pollOnce, type Watch } from '../monitor/poll.ts';
import { DetachKeys } from './detach-keys.ts';
import { OutputStream } from './output-stream.ts';
import { printError } from './runt-context.ts';

/** struct signalfd_siginfo */
const SIGNAL_INFO_SIZE = 128;
/** As a shell tells the end by a signal. */
const FROM_SIGNAL = 128;

const READER_GONE: readonly number[] = [ERRNO.EPIPE, ERRNO.EIO, ERRNO.ECONNRESET];

/** Signals that concern this process alone: of children, pipes, and a shell's job control. */
const OWN: readonly number[] = [SIGNAL.CHLD, SIGNAL.PIPE, SIGNAL.URG, SIGNAL.TSTP, SIGNAL.TTIN, SIGNAL.TTOU];

export interface Attached {
  readonly connection: MonitorConnection;
  readonly hasStdin: boolean;
  readonly hasTerminal: boolean;
  /** Whether what it writes is shown; unless said otherwise all of it. */
  readonly hasStdout?: boolean;
  readonly hasStderr?: boolean;
  /** Bytes that leave it running; docker's own unless given, none if empty. */
  readonly detachKeys?: readonly number[] | undefined;
  /** Whether signals that come to us go to its program, which they do unless this is false. */
  readonly isSignalProxied?: boolean;
}

/** How it ended: with the container, or by the keys that leave it running. */
export type AttachEnd = { readonly code: number; readonly isRestarting: boolean } | 'detached';

/**
 * Joins our standard streams with a container's until it ends; signals go to its program. The caller's signals are
 * blocked already.
 */
export function attach(attached: Attached): AttachEnd {
  const restore = attached.hasTerminal && attached.hasStdin && isTerminal(0) ? makeRaw(0) : undefined;
  using signals = openSignals(attached.isSignalProxied ?? true);
  try {
    using attachment = new Attachment(attached, signals.number);
    return attachment.run();
  } finally {
    restore?.();
  }
}

/** Job control keeps working: what stops and continues us does so at once. */
function openSignals(isProxied: boolean): Fd {
  const all = catchableSignals().filter((signal) => !OWN.includes(signal) && signal !== SIGNAL.CONT);
  const passedOn = isProxied ? all : [SIGNAL.WINCH];
  sys('rt_sigprocmask', 2, signalSet([...passedOn, SIGNAL.PIPE]), null, 8);
  return new Fd(sys('signalfd4', -1, signalSet(passedOn), 8, O.CLOEXEC));
}

class Attachment {
  readonly #connection: MonitorConnection;
  readonly #hasTerminal: boolean;
  readonly #signals: number;
  readonly #hasStdout: boolean;
  readonly #hasStderr: boolean;
  readonly #detachKeys: DetachKeys | undefined;
  readonly #stdout = new OutputStream(1, (errno) => this.#lose(PACKET.STDOUT, errno));
  readonly #stderr = new OutputStream(2, (errno) => this.#lose(PACKET.STDERR, errno));
  /** A packet of standard input: its type, then what is read. */
  readonly #packet = new Uint8Array(1 + MAX_PAYLOAD);
  readonly #payload = this.#packet.subarray(1);
  #hasStdin: boolean;
  #credit = STDIN_WINDOW;
  /** The container's first process, once it runs. */
  #pid: number | undefined;
  #end: AttachEnd | undefined;

  constructor(attached: Attached, signals: number) {
    const { connection, hasStdin, hasTerminal, detachKeys } = attached;
    this.#connection = connection;
    this.#hasStdout = attached.hasStdout !== false;
    this.#hasStderr = attached.hasStderr !== false;
    this.#hasTerminal = hasTerminal;
    this.#signals = signals;
    this.#hasStdin = hasStdin;
    this.#detachKeys = hasStdin && hasTerminal ? new DetachKeys(detachKeys) : undefined;
    this.#packet[0] = PACKET.STDIN;
  }

  run(): AttachEnd {
    while (this.#end === undefined) pollOnce(this.#watches(), -1);
    return this.#end;
  }

  [Symbol.dispose](): void {
    this.#stdout[Symbol.dispose]();
    this.#stderr[Symbol.dispose]();
  }

  #watches(): readonly Watch[] {
    const blocked = this.#blocked();
    const own = [
      blocked === undefined
        ? { fd: this.#connection.fd, events: POLL.IN, ready: () => this.#receive() }
        : { fd: blocked.fd, events: POLL.OUT, ready: () => blocked.flush() },
      { fd: this.#signals, events: POLL.IN, ready: () => this.#takeSignal() },
    ];
    if (!this.#hasStdin || this.#credit === 0) return own;
    return [...own, { fd: 0, events: POLL.IN, ready: () => this.#passInput() }];
  }

  /** The stream whose reader has to take what came last before more is received. */
  #blocked(): OutputStream | undefined {
    return [this.#stdout, this.#stderr].find(({ isBlocked }) => isBlocked);
  }

  #receive(): void {
    const packet = this.#connection.receive();
    if (packet === undefined) return;
    switch (packet[0]) {
      case PACKET.STDOUT:
        return this.#hasStdout ? this.#stdout.write(packet.subarray(1)) : undefined;
      case PACKET.STDERR:
        return this.#hasStderr ? this.#stderr.write(packet.subarray(1)) : undefined;
      case PACKET.CREDIT:
        this.#credit += creditOf(packet);
        return;
      case PACKET.EXITED:
        return this.#takeExit(jsonOf<Exited>(packet, packet.length));
      case PACKET.VERSION:
        return;
      case PACKET.STARTED:
        this.#pid = jsonOf<Started>(packet, packet.length).pid;
        return;
      default:
        throw failureOf(packet);
    }
  }

  #takeExit({ code, isRestarting = false }: Exited): void {
    this.#end = { code, isRestarting };
  }

  /** Where nobody reads our stream any more, the container's program learns it as any program would. */
  #lose(stream: number, errno: number): void {
    this.#connection.send(new Uint8Array([PACKET.CLOSE, stream]));
    if (READER_GONE.includes(errno) || stream === PACKET.STDERR) return;
    printError(
      `corten: Write to standard output: ${errnoName(errno)}, and what else the container writes there is lost\n`,
    );
  }

  #takeSignal(): void {
    const info = new Uint8Array(SIGNAL_INFO_SIZE);
    retry('read', this.#signals, info, info.length);
    const signal = info[0] ?? 0;
    if (signal === SIGNAL.WINCH) return this.#passSize();
    if (this.#isOutputAllThatIsLeft()) this.#takeExit({ code: FROM_SIGNAL + signal });
    else sendSignal(this.#connection, signal);
  }

  #passSize(): void {
    const size = this.#hasTerminal ? windowSize(0) : undefined;
    if (size !== undefined) this.#connection.send(resizePacket(size.height, size.width));
  }

  /** Then a signal is for us, who wait for nothing but our reader: its program has ended. */
  #isOutputAllThatIsLeft(): boolean {
    return (
      this.#blocked() !== undefined &&
      this.#pid !== undefined &&
      attempt('kill', this.#pid, 0) === -ERRNO.ESRCH
    );
  }

  #passInput(): void {
    const count = attempt('read', 0, this.#payload, Math.min(MAX_PAYLOAD, this.#credit));
    if (count === -ERRNO.EINTR || count === -ERRNO.EAGAIN) return;
    if (count <= 0) {
      this.#hasStdin = false;
      return this.#connection.send(new Uint8Array([PACKET.STDIN]));
    }
    const keysAt = this.#detachKeys?.find(this.#payload.subarray(0, count)) ?? -1;
    const length = keysAt < 0 ? count : keysAt;
    this.#credit -= length;
    if (length > 0) this.#connection.send(this.#packet.subarray(0, 1 + length));
    if (keysAt >= 0) this.#end = 'detached';
  }
}
