import { monotonicMs, timestamp } from '../../kernel/clock.ts';
import { attempt } from '../../kernel/call.ts';
import { POLL, WNOHANG } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { exitCode } from '../../kernel/process.ts';
import { setWindowSize } from '../../kernel/terminal.ts';
import { appendRecord } from '../journal.ts';
import { LogWriter, type StreamName } from '../log/log-writer.ts';
import {
  attachOf,
  jsonPacket,
  MAX_PAYLOAD,
  PACKET,
  PROTOCOL_VERSION,
  sizeOf,
  type Exited,
} from '../packets.ts';
import type { Places } from '../places.ts';
import { pollOnce, type Watch } from '../poll.ts';
import { Client } from './client.ts';
import { accept } from './listener.ts';
import type { MonitorState, Output } from './state.ts';
import { StandardInput } from './stdin.ts';

export interface LoopOptions {
  /** Removes what is left of the ended container; clients learn its exit code before. */
  readonly cleanUp: (places: Places, cgroups: readonly string[]) => void;
  /** Bytes of output that are read at once, at most MAX_PAYLOAD. */
  readonly chunk: number;
  /** Milliseconds after which becomeSmall() is called, once nothing is under way; undefined for never. */
  readonly firstLife: number | undefined;
  readonly becomeSmall: (state: MonitorState) => void;
}

/** Milliseconds after which a busy monitor tries again to become small. */
const POSTPONED = 100;

/** struct signalfd_siginfo, signalfd(2). */
const SIGNAL_SIZE = 128;

/** Serves a container until it has ended and every client has all of its output. */
export class MonitorLoop {
  readonly #state: MonitorState;
  readonly #options: LoopOptions;
  readonly #log: LogWriter;
  readonly #stdin: StandardInput | undefined;
  /** A packet under way to clients: nothing is read into it as long as one of them has a backlog. */
  #packet: Uint8Array | undefined;
  /** What a client sends; there as long as there are clients. */
  #received: Uint8Array | undefined;
  #outputs: readonly Output[];
  #clients: readonly Client[];
  #exited: Exited | undefined;
  /** When the first life ends; undefined in the second. */
  #deadline: number | undefined;

  constructor(state: MonitorState, options: LoopOptions) {
    this.#state = state;
    this.#options = options;
    this.#log = new LogWriter(state.directory, options.chunk);
    this.#outputs = state.outputs;
    this.#clients = state.clients.map((client) => new Client(client.fd, client));
    this.#stdin = state.stdin === undefined ? undefined : new StandardInput(state.stdin, state.hasTerminal);
    this.#deadline = options.firstLife === undefined ? undefined : monotonicMs() + options.firstLife;
  }

  run(): void {
    while (this.#exited === undefined) {
      pollOnce(this.#watches(), this.#timeLeft());
      if (this.#timeLeft() === 0) this.#becomeSmall();
      this.#clients = this.#clients.filter((client) => !client.isGone);
      if (this.#clients.length === 0) this.#received = undefined;
    }
    // The root file system first: nothing of it is mounted any more once a client hears of the end.
    for (const fd of this.#state.kept) attempt('close', fd);
    this.#options.cleanUp(this.#state.places, this.#state.cgroups);
    // Whoever reads slowly keeps nobody waiting: neither for our end nor for the container's directory and its lock.
    for (const fd of [this.#state.directory, this.#state.listener]) attempt('close', fd);
    for (;;) {
      for (const client of this.#clients) if (!client.hasBacklog) client.close();
      this.#clients = this.#clients.filter((client) => !client.isGone);
      if (this.#clients.length === 0) return;
      pollOnce(this.#clientWatches(), -1);
    }
  }

  #timeLeft(): number {
    return this.#deadline === undefined ? -1 : Math.max(0, this.#deadline - monotonicMs());
  }

  #becomeSmall(): void {
    const isBusy = this.#clients.some((client) => client.hasBacklog) || this.#stdin?.isIdle === false;
    this.#deadline = isBusy || this.#exited !== undefined ? monotonicMs() + POSTPONED : undefined;
    if (this.#deadline !== undefined) return;
    const { fd } = this.#stdin ?? { fd: undefined };
    this.#options.becomeSmall({
      ...this.#state,
      outputs: this.#outputs,
      stdin: this.#stdin?.isOpen === true ? fd : undefined,
      clients: this.#clients.map(({ fd: socket, isAttached, isStdin }) => ({
        fd: socket,
        isAttached,
        isStdin,
      })),
    });
  }

  #watches(): readonly Watch[] {
    const { pidfd, listener } = this.#state;
    const events = this.#isBackedUp() ? 0 : POLL.IN;
    return [
      // Output first: what a container wrote before its end is read before its end is noticed.
      ...(events === 0 ? [] : this.#outputs).map((output) => ({
        fd: output.fd,
        events,
        ready: () => this.#relay(output),
      })),
      ...(this.#stdin?.watches() ?? []),
      ...this.#clientWatches(),
      { fd: listener, events: POLL.IN, ready: () => this.#welcome() },
      { fd: pidfd, events: POLL.IN, ready: () => this.#end() },
    ];
  }

  #clientWatches(): readonly Watch[] {
    return this.#clients.map((client) => ({
      fd: client.fd,
      events: client.hasBacklog ? POLL.IN | POLL.OUT : POLL.IN,
      ready: (came) => this.#serve(client, came),
    }));
  }

  /** An attached client that reads slowly slows the container down, so that it misses nothing. */
  #isBackedUp(): boolean {
    return this.#clients.some((client) => client.isAttached && client.hasBacklog);
  }

  #relay(output: Output): void {
    if (this.#isBackedUp()) return;
    const packet = (this.#packet ??= new Uint8Array(1 + this.#options.chunk));
    const length = attempt('read', output.fd, packet.subarray(1), this.#options.chunk);
    // A terminal's output that the container throws away between poll and read (tcflush(3)) is there no more.
    if (length === -ERRNO.EAGAIN) return;
    if (length <= 0) return this.#closeOutput(output);
    this.#distribute(output, packet.subarray(0, 1 + length));
  }

  #distribute({ stream }: Output, packet: Uint8Array): void {
    packet[0] = stream === 'stdout' ? PACKET.STDOUT : PACKET.STDERR;
    for (const client of this.#clients) if (client.isAttached) client.send(packet);
    this.#log.write(stream, { buffer: packet, start: 1, end: packet.length });
  }

  #closeStream(name: StreamName): void {
    if (this.#state.hasTerminal) return;
    for (const output of this.#outputs) if (output.stream === name) this.#closeOutput(output);
  }

  #closeOutput(output: Output): void {
    this.#outputs = this.#outputs.filter((one) => one !== output);
    // A terminal is input too, and stays.
    if (!this.#state.hasTerminal) attempt('close', output.fd);
  }

  #welcome(): void {
    const fd = accept(this.#state.listener);
    if (fd === undefined) return;
    const client = new Client(fd, { isAttached: false, isStdin: false });
    client.send(jsonPacket(PACKET.VERSION, { version: PROTOCOL_VERSION }));
    client.send(jsonPacket(PACKET.STARTED, { pid: this.#state.pid }));
    this.#clients = [...this.#clients, client];
  }

  #serve(client: Client, came: number): void {
    if ((came & POLL.OUT) !== 0) client.flush();
    if ((came & ~POLL.OUT) === 0 || client.isGone) return;
    this.#received ??= new Uint8Array(1 + MAX_PAYLOAD);
    const length = attempt('read', client.fd, this.#received, this.#received.length);
    if (length > 0) return this.#obey(client, this.#received.subarray(0, length));
    if (client.isStdin) this.#stdin?.end();
    client.close();
  }

  #obey(client: Client, packet: Uint8Array): void {
    switch (packet[0]) {
      case PACKET.ATTACH:
        return attach(client, packet);
      case PACKET.STDIN:
        if (packet.length === 1) this.#stdin?.end();
        else this.#stdin?.take(client, packet.subarray(1));
        return;
      case PACKET.RESIZE:
        if (this.#state.hasTerminal && this.#state.stdin !== undefined)
          setWindowSize(this.#state.stdin, sizeOf(packet));
        return;
      case PACKET.SIGNAL:
        // Nobody else's number until we have waited for it.
        if (this.#exited === undefined) attempt('kill', this.#state.pid, packet[1] ?? 0);
        return;
      case PACKET.CLOSE:
        return this.#closeStream(packet[1] === PACKET.STDERR ? 'stderr' : 'stdout');
      default:
        return client.close();
    }
  }

  #end(): void {
    const status = new Uint32Array(1);
    // Of a signal, where that is what comes: it is taken before the look, so that none is missed.
    attempt('read', this.#state.pidfd, new Uint8Array(SIGNAL_SIZE), SIGNAL_SIZE);
    if (attempt('wait4', this.#state.pid, status, WNOHANG, null) !== this.#state.pid) return;
    const exited: Exited = { code: exitCode(status[0] ?? 0) };
    const { directory, isAutoRemove } = this.#state;
    if (!isAutoRemove) appendRecord(directory, { event: 'exited', time: timestamp(), ...exited }, true);
    this.#drain();
    for (const client of this.#clients) client.send(jsonPacket(PACKET.EXITED, exited));
    this.#exited = exited;
  }

  /** What pipes and the terminal still hold, which is bounded: all their writers are gone. */
  #drain(): void {
    for (const client of this.#clients) client.keepBacklog();
    for (const output of this.#outputs) {
      while (pollOnce([{ fd: output.fd, events: POLL.IN, ready: () => undefined }], 0)) {
        // Clients may keep it for long: a new one each time.
        const packet = new Uint8Array(1 + this.#options.chunk);
        const length = attempt('read', output.fd, packet.subarray(1), this.#options.chunk);
        if (length <= 0) break;
        this.#distribute(output, packet.subarray(0, 1 + length));
      }
    }
  }
}

function attach(client: Client, packet: Uint8Array): void {
  const wanted = attachOf(packet);
  if (wanted === undefined) return client.close();
  client.isAttached = true;
  client.isStdin = wanted.isStdin;
}
