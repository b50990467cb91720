import { monotonicMs, timestamp } from '../../kernel/clock.ts';
import { attempt } from '../../kernel/call.ts';
import { POLL, SIGNAL } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { setWindowSize } from '../../kernel/terminal.ts';
import { appendRecord } from '../journal.ts';
import { LogWriter, type StreamName } from '../log/log-writer.ts';
import { jsonPacket, MAX_PAYLOAD, PACKET, PROTOCOL_VERSION, sizeOf, type Exited } from '../packets.ts';
import { pollOnce, type Watch } from '../poll.ts';
import { rare } from '../rare.ts';
import { Client } from './client.ts';
import {
  closeStreams,
  codeOfEnded,
  exitedOf,
  lastingOf,
  memoryWatches,
  millisecondsUntil,
  recordExit,
  smallOf,
  tellExited,
} from './between-lives.ts';
import type { HealthChecks } from './health-checks.ts';
import { drain } from './drain.ts';
import { LayerCache } from './layer-cache.ts';
import { accept } from './listener.ts';
import type { LoopOptions } from './loop-options.ts';
import { NetworkWatch } from './network-watch.ts';
import type { Restarts } from './restarts.ts';
import type { MonitorState, Output } from './state.ts';
import { StandardInput } from './stdin.ts';

/** Milliseconds after which a busy monitor tries again to become small. */
const POSTPONED = 100;

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
  readonly #cache: LayerCache;
  /** When the program is killed that may run for so long only. */
  #timeout: number | undefined;
  readonly #health: HealthChecks | undefined;
  #restarts: Restarts | undefined;
  readonly #network: NetworkWatch;
  /** Kills for want of memory that are on record. */
  #told: number;
  /** The program's last end. */
  #last: Exited = { code: 0 };

  constructor(state: MonitorState, options: LoopOptions) {
    this.#state = state;
    this.#options = options;
    const { health, timeout, log } = state.supervision ?? {};
    this.#log = new LogWriter(state.directory, options.chunk, log);
    this.#timeout = timeout === undefined ? undefined : monotonicMs() + timeout;
    if (state.supervision?.restart !== undefined || state.wish !== undefined) this.#startAgain();
    this.#network = new NetworkWatch(state);
    this.#told = state.memory?.told ?? 0;
    this.#health = health === undefined ? undefined : new (rare().HealthChecks)(state.places, health);
    this.#outputs = state.outputs;
    this.#clients = state.clients.map((client) => new Client(client.fd, client));
    this.#stdin = state.stdin === undefined ? undefined : new StandardInput(state.stdin, state.hasTerminal);
    this.#cache = new LayerCache(options.firstLife === undefined ? state.layerFiles : []);
    this.#deadline = options.firstLife === undefined ? undefined : monotonicMs() + options.firstLife;
  }

  run(): void {
    while (this.#exited === undefined) {
      pollOnce(this.#watches(), this.#timeLeft());
      this.#takeTurns(monotonicMs());
      this.#clients = this.#clients.filter((client) => !client.isGone);
      if (this.#clients.length === 0) this.#received = undefined;
    }
    // Whoever reads slowly keeps nobody waiting: neither for our end nor for the container's directory and its lock.
    for (const fd of [this.#state.directory, this.#state.listener]) attempt('close', fd);
    for (;;) {
      for (const client of this.#clients) if (!client.hasBacklog) client.close();
      this.#clients = this.#clients.filter((client) => !client.isGone);
      if (this.#clients.length === 0) return;
      pollOnce(this.#clientWatches(), -1);
    }
  }

  /** Milliseconds until something is due; -1 for never. */
  #timeLeft(): number {
    const own = [this.#deadline, this.#timeout, this.#cache.dueAt];
    return millisecondsUntil([...own, this.#restarts?.dueAt, this.#health?.dueAt]);
  }

  #takeTurns(now: number): void {
    if (this.#deadline !== undefined && this.#deadline <= now) this.#becomeSmall();
    if (this.#timeout !== undefined && this.#timeout <= now) {
      this.#timeout = undefined;
      this.#kill(SIGNAL.KILL);
    }
    if (this.#cache.dueAt !== undefined && this.#cache.dueAt <= now) this.#cache.trim();
    if (this.#health?.dueAt !== undefined && this.#health.dueAt <= now) this.#health.begin();
    if (this.#restarts?.dueAt !== undefined && this.#restarts.dueAt <= now) this.#restart(this.#restarts);
  }

  #becomeSmall(): void {
    const isBusy =
      this.#clients.some((client) => client.hasBacklog) ||
      this.#stdin?.isIdle === false ||
      this.#health?.isBusy === true;
    this.#deadline = isBusy || this.#exited !== undefined ? monotonicMs() + POSTPONED : undefined;
    if (this.#deadline !== undefined || this.#isWaiting) return;
    const live = {
      outputs: this.#outputs,
      stdin: this.#stdin,
      clients: this.#clients,
      timeout: this.#timeout,
      supervision: this.#restarts?.supervision ?? this.#state.supervision,
      wish: this.#restarts?.wanted,
    };
    this.#options.becomeSmall(smallOf(this.#state, live));
  }

  #watches(): readonly Watch[] {
    const accepting = { fd: this.#state.listener, events: POLL.IN, ready: () => this.#welcome() };
    if (this.#isWaiting) return [...this.#clientWatches(), accepting];
    const outputs = this.#isBackedUp() ? [] : this.#outputs;
    return [
      // Output first: what a container wrote before its end is read before its end is noticed.
      ...outputs.map((output) => ({ fd: output.fd, events: POLL.IN, ready: () => this.#relay(output) })),
      ...(this.#stdin?.watches() ?? []),
      ...this.#clientWatches(),
      accepting,
      ...(this.#health?.watches() ?? []),
      ...this.#network.watches(),
      ...memoryWatches(this.#state, this.#told, () => (this.#told = this.#tellMemory(false))),
      { fd: this.#state.pidfd, events: POLL.IN, ready: () => this.#end() },
    ];
  }

  #tellMemory(isEnded: boolean): number {
    return this.#options.tellMemory(this.#state, this.#told, isEnded);
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
    if (this.#isWaiting) client.send(new Uint8Array([PACKET.RESTARTING]));
    else client.send(jsonPacket(PACKET.STARTED, { pid: this.#state.pid }));
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
        return client.attach(packet);
      case PACKET.STDIN:
        if (packet.length === 1) this.#stdin?.end();
        else this.#stdin?.take(client, packet.subarray(1));
        return;
      case PACKET.RESIZE:
        if (this.#state.hasTerminal && this.#state.stdin !== undefined)
          setWindowSize(this.#state.stdin, sizeOf(packet));
        return;
      case PACKET.SIGNAL:
      case PACKET.STOP:
        return this.#signal(packet[1] ?? 0, packet[0] === PACKET.STOP);
      case PACKET.RESTART:
        return this.#startAgain().wish();
      case PACKET.POLICY:
        return this.#startAgain().adopt(packet);
      case PACKET.ROOTFS:
      case PACKET.LAYERS:
        return rare().giveMounts(client, this.#state, packet);
      case PACKET.CLOSE:
        return this.#closeStream(packet[1] === PACKET.STDERR ? 'stderr' : 'stdout');
      default:
        return client.close();
    }
  }

  #signal(signal: number, isStop: boolean): void {
    const { directory, isAutoRemove } = this.#state;
    const isEnding = isStop || signal === SIGNAL.KILL || this.#restarts?.isEnding(signal) === true;
    const isNews = isEnding && this.#startAgain().stop(isStop);
    // On record, so that no policy starts it after a reboot either.
    if (isNews && !isAutoRemove) appendRecord(directory, { event: 'stopped', time: timestamp() }, false);
    if (!this.#isWaiting) this.#kill(signal);
    else if (isNews) this.#giveUp();
  }

  #kill(signal: number): void {
    // Nobody else's until we have waited for it.
    if (this.#exited === undefined) attempt('kill', this.#state.pid, signal);
  }

  /** Whether the program has ended and a restart is due. */
  get #isWaiting(): boolean {
    return this.#restarts?.dueAt !== undefined;
  }

  #startAgain(): Restarts {
    return (this.#restarts ??= new (rare().Restarts)(this.#state));
  }

  #end(): void {
    const code = codeOfEnded(this.#state);
    if (code === undefined) return;
    this.#health?.cancel();
    this.#timeout = undefined;
    const isRestarting = this.#restarts?.decide(code) === true;
    const exited = exitedOf(code, isRestarting, this.#tellMemory(true) > 0);
    this.#last = exited;
    recordExit(this.#state, exited);
    this.#options.announceEnd(this.#state, code);
    for (const client of this.#clients) client.keepBacklog();
    drain(this.#outputs, this.#options.chunk, (output, packet) => this.#distribute(output, packet));
    tellExited(this.#clients, exited);
    // The root file system first: nothing of it is mounted any more once a client hears of the end.
    for (const fd of [this.#state.lease, ...this.#state.kept]) attempt('close', fd);
    this.#network.end();
    if (isRestarting) closeStreams(this.#state, this.#outputs, this.#stdin);
    this.#options.cleanUp(this.#state, !isRestarting);
    if (!isRestarting) this.#exited = exited;
  }

  /** Instead of the restart that was due. */
  #giveUp(): void {
    this.#exited = exitedOf(this.#last.code, false, this.#last.isOomKilled === true);
    recordExit(this.#state, this.#exited);
    tellExited(this.#clients, this.#exited);
    this.#options.cleanUp(this.#state, true);
  }

  #restart(restarts: Restarts): void {
    // Whoever reads slowly loses nothing by it, and everybody else waits a moment.
    if (this.#clients.some((client) => client.hasBacklog)) return restarts.postpone(POSTPONED);
    this.#options.restart(lastingOf(this.#state, restarts.supervision, this.#clients));
    this.#giveUp();
  }
}
