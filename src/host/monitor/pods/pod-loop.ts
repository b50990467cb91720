import { attempt } from '../../kernel/call.ts';
import { AT, OPEN_TREE, POLL, SIGNAL } from '../../kernel/constants.ts';
import { sendMessage } from '../../kernel/sockets.ts';
import { accept } from '../loop/listener.ts';
import { NetworkWatch } from '../loop/network-watch.ts';
import { filesOf, jsonPacket, PACKET, PROTOCOL_VERSION } from '../packets.ts';
import { pollOnce, type Watch } from '../poll.ts';
import { POD_PACKET } from './pod-packets.ts';
import type { PodState } from './pod-state.ts';

/** Longer than any packet that makes sense here. */
const LONGEST = 4096;

interface Client {
  readonly fd: number;
  /** Whether it is the monitor of a container in the pod, which stays connected for as long as that lives. */
  readonly isMember: boolean;
}

/** Keeps what a pod's containers share, and hands it to them, until somebody asks for its end. */
export class PodLoop {
  readonly #state: PodState;
  readonly #network: NetworkWatch;
  readonly #release: (state: PodState) => void;
  #clients: readonly Client[];
  #isEnding = false;

  constructor(state: PodState, release: (state: PodState) => void) {
    this.#state = state;
    this.#release = release;
    this.#network = new NetworkWatch(state);
    this.#clients = state.clients.map(({ fd }) => ({ fd, isMember: false }));
  }

  run(): void {
    for (const { fd } of this.#clients) this.#greet(fd);
    while (!this.#isEnding) pollOnce(this.#watches(), -1);
    this.#end();
  }

  #watches(): readonly Watch[] {
    return [
      { fd: this.#state.listener, events: POLL.IN, ready: () => this.#welcome() },
      ...this.#network.watches(),
      ...this.#clients.map((client) => ({
        fd: client.fd,
        events: POLL.IN,
        ready: () => this.#serve(client),
      })),
    ];
  }

  #welcome(): void {
    const fd = accept(this.#state.listener);
    if (fd === undefined) return;
    const version = jsonPacket(PACKET.VERSION, { version: PROTOCOL_VERSION });
    attempt('write', fd, version, version.length);
    this.#greet(fd);
    this.#clients = [...this.#clients, { fd, isMember: false }];
  }

  #greet(fd: number): void {
    const started = jsonPacket(PACKET.STARTED, { pid: 0 });
    attempt('write', fd, started, started.length);
  }

  #serve(client: Client): void {
    const packet = new Uint8Array(LONGEST);
    const length = attempt('read', client.fd, packet, LONGEST);
    if (length > 0 && packet[0] === PACKET.STOP) this.#isEnding = true;
    else if (length > 0 && packet[0] === POD_PACKET.JOIN) this.#join(client, packet.subarray(0, length));
    else this.#leave(client);
  }

  #join(client: Client, packet: Uint8Array): void {
    this.#clients = this.#clients.map((one) => (one === client ? { ...one, isMember: true } : one));
    for (const wanted of filesOf(packet)) this.#give(client, wanted);
  }

  #give({ fd }: Client, wanted: string): void {
    const found = this.#state.shared.find(({ name }) => name === wanted);
    const copy = wanted === 'shm' && found !== undefined ? copyOf(found.fd) : undefined;
    try {
      sendMessage(fd, new Uint8Array([POD_PACKET.JOIN]), copy ?? found?.fd);
    } catch {
      // It is gone, which the next turn sees.
    }
    if (copy !== undefined) attempt('close', copy);
  }

  #leave(client: Client): void {
    attempt('close', client.fd);
    this.#clients = this.#clients.filter((one) => one !== client);
    const isLast = client.isMember && !this.#clients.some(({ isMember }) => isMember);
    if (isLast && this.#state.endsWithLast) this.#isEnding = true;
  }

  /** Whoever waits hears of it when nothing is left. */
  #end(): void {
    const { init, shared, directory, listener } = this.#state;
    if (init !== undefined) {
      attempt('kill', init, SIGNAL.KILL);
      attempt('wait4', init, null, 0, null);
    }
    this.#network.end();
    for (const { fd } of shared) attempt('close', fd);
    this.#release(this.#state);
    for (const fd of [directory, listener, ...this.#clients.map((client) => client.fd)]) attempt('close', fd);
  }
}

/** A mount for one container: a mount can be attached once. */
function copyOf(mount: number): number | undefined {
  const copy = attempt('open_tree', mount, '', OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.EMPTY_PATH);
  return copy < 0 ? undefined : copy;
}
