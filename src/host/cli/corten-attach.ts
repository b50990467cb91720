import { attempt, retry, sys } from '../kernel/call.ts';
import { O, POLL, SIGNAL } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { catchableSignals, signalSet } from '../kernel/signals.ts';
import { isTerminal, makeRaw, windowSize } from '../kernel/terminal.ts';
import { failureOf, type MonitorConnection } from '../monitor/connect-monitor.ts';
import {
  creditOf,
  jsonOf,
  MAX_PAYLOAD,
  PACKET,
  resizePacket,
  STDIN_WINDOW,
  type Exited,
} from '../monitor/packets.ts';
import { pollOnce, type Watch } from '../monitor/poll.ts';
import { DetachKeys } from './detach-keys.ts';

const EINTR = -4;
const EAGAIN = -11;
/** struct signalfd_siginfo */
const SIGNAL_INFO_SIZE = 128;

/** Signals that concern this process alone: of children, pipes, and a shell's job control. */
const OWN: readonly number[] = [SIGNAL.CHLD, SIGNAL.PIPE, SIGNAL.URG, SIGNAL.TSTP, SIGNAL.TTIN, SIGNAL.TTOU];

export interface Attached {
  readonly connection: MonitorConnection;
  readonly hasStdin: boolean;
  readonly hasTerminal: boolean;
}

/** How it ended: with the container, or by the keys that leave it running. */
export type AttachEnd = { readonly code: number } | 'detached';

/**
 * Joins our standard streams with a container's until it ends; signals go to its program. The caller's signals are
 * blocked already.
 */
export function attach(attached: Attached): AttachEnd {
  const restore = attached.hasTerminal && attached.hasStdin && isTerminal(0) ? makeRaw(0) : undefined;
  using signals = openSignals();
  try {
    return new Attachment(attached, signals.number).run();
  } finally {
    restore?.();
  }
}

/** Job control keeps working: what stops and continues us does so at once. */
function openSignals(): Fd {
  const passedOn = catchableSignals().filter((signal) => !OWN.includes(signal) && signal !== SIGNAL.CONT);
  sys('rt_sigprocmask', 2, signalSet([...passedOn, SIGNAL.PIPE]), null, 8);
  return new Fd(sys('signalfd4', -1, signalSet(passedOn), 8, O.CLOEXEC));
}

class Attachment {
  readonly #connection: MonitorConnection;
  readonly #hasTerminal: boolean;
  readonly #signals: number;
  readonly #detachKeys: DetachKeys | undefined;
  /** A packet of standard input: its type, then what is read. */
  readonly #packet = new Uint8Array(1 + MAX_PAYLOAD);
  readonly #payload = this.#packet.subarray(1);
  #hasStdin: boolean;
  #credit = STDIN_WINDOW;
  #end: AttachEnd | undefined;

  constructor({ connection, hasStdin, hasTerminal }: Attached, signals: number) {
    this.#connection = connection;
    this.#hasTerminal = hasTerminal;
    this.#signals = signals;
    this.#hasStdin = hasStdin;
    this.#detachKeys = hasStdin && hasTerminal ? new DetachKeys() : undefined;
    this.#packet[0] = PACKET.STDIN;
  }

  run(): AttachEnd {
    while (this.#end === undefined) pollOnce(this.#watches(), -1);
    return this.#end;
  }

  #watches(): readonly Watch[] {
    const own = [
      { fd: this.#connection.fd, events: POLL.IN, ready: () => this.#receive() },
      { fd: this.#signals, events: POLL.IN, ready: () => this.#passSignal() },
    ];
    if (!this.#hasStdin || this.#credit === 0) return own;
    return [...own, { fd: 0, events: POLL.IN, ready: () => this.#passInput() }];
  }

  #receive(): void {
    const packet = this.#connection.receive();
    if (packet === undefined) return;
    switch (packet[0]) {
      case PACKET.STDOUT:
        return this.#write(1, packet);
      case PACKET.STDERR:
        return this.#write(2, packet);
      case PACKET.CREDIT:
        this.#credit += creditOf(packet);
        return;
      case PACKET.EXITED:
        this.#end = { code: jsonOf<Exited>(packet, packet.length).code };
        return;
      case PACKET.STARTED:
        return;
      default:
        throw failureOf(packet);
    }
  }

  /** Where nobody reads our stream any more, the container's program learns it as any program would. */
  #write(fd: number, packet: Uint8Array): void {
    for (let at = 1; at < packet.length;) {
      const count = attempt('write', fd, packet.subarray(at), packet.length - at);
      if (count >= 0) at += count;
      else if (count === EAGAIN) pollOnce([{ fd, events: POLL.OUT, ready: () => undefined }], -1);
      else if (count !== EINTR) {
        return this.#connection.send(new Uint8Array([PACKET.CLOSE, packet[0] ?? PACKET.STDOUT]));
      }
    }
  }

  #passSignal(): void {
    const info = new Uint8Array(SIGNAL_INFO_SIZE);
    retry('read', this.#signals, info, info.length);
    const signal = info[0] ?? 0;
    if (signal !== SIGNAL.WINCH) return this.#connection.send(new Uint8Array([PACKET.SIGNAL, signal]));
    const size = this.#hasTerminal ? windowSize(0) : undefined;
    if (size !== undefined) this.#connection.send(resizePacket(size.height, size.width));
  }

  #passInput(): void {
    const count = attempt('read', 0, this.#payload, Math.min(MAX_PAYLOAD, this.#credit));
    if (count === EINTR || count === EAGAIN) return;
    if (count <= 0) {
      this.#hasStdin = false;
      return this.#connection.send(new Uint8Array([PACKET.STDIN]));
    }
    if (this.#detachKeys?.isIn(this.#payload.subarray(0, count)) === true) {
      this.#end = 'detached';
      return;
    }
    this.#credit -= count;
    this.#connection.send(this.#packet.subarray(0, 1 + count));
  }
}
