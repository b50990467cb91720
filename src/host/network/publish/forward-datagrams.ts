import { attempt } from '../../kernel/call.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { AF, POLL, SOCK } from '../../kernel/constants.ts';
import type { Poller } from './poller.ts';

const IPPROTO_UDP = 17;
/** The largest UDP datagram. */
const LARGEST = 65535;
/** As long as Docker's proxy keeps a client's way back open, and how many clients have one. */
const IDLE_MS = 90_000;
const MOST_SESSIONS = 1024;
const TURN = 64;

interface Session {
  readonly socket: number;
  readonly client: Uint8Array;
  used: number;
}

/** Passes datagrams on, and the answers back to whoever asked: a socket for each client. */
export class DatagramForwarder {
  readonly #poller: Poller;
  readonly #listener: number;
  readonly #target: Uint8Array;
  readonly #again: (work: () => void) => void;
  readonly #sessions = new Map<string, Session>();
  readonly #buffer = new Uint8Array(LARGEST);

  constructor(poller: Poller, { listener, target, again }: DatagramForwarding) {
    this.#poller = poller;
    this.#listener = listener;
    this.#target = target;
    this.#again = again;
    poller.add(listener, POLL.IN, () => this.#receive());
  }

  /** Closes the ways back that nobody uses; whether any are left. */
  expire(): boolean {
    const now = monotonicMs();
    for (const [key, { socket, used }] of this.#sessions) {
      if (now - used < IDLE_MS) continue;
      this.#sessions.delete(key);
      this.#poller.close(socket);
    }
    return this.#sessions.size > 0;
  }

  #receive(): void {
    const name = new Uint8Array(28);
    const size = new Uint32Array(1);
    for (let turn = 0; turn < TURN; turn++) {
      size[0] = name.length;
      const length = attempt('recvfrom', this.#listener, this.#buffer, LARGEST, 0, name, size);
      if (length < 0) return;
      const session = this.#sessionOf(name.slice(0, size[0]));
      if (session !== undefined) attempt('sendto', session.socket, this.#buffer, length, 0, null, 0);
    }
    this.#again(() => this.#receive());
  }

  #sessionOf(client: Uint8Array): Session | undefined {
    const key = client.join(' ');
    const known = this.#sessions.get(key);
    if (known !== undefined) {
      known.used = monotonicMs();
      return known;
    }
    if (this.#sessions.size >= MOST_SESSIONS) return undefined;
    const family = this.#target.length === 16 ? AF.INET : AF.INET6;
    const socket = attempt('socket', family, SOCK.DGRAM | SOCK.CLOEXEC | SOCK.NONBLOCK, IPPROTO_UDP);
    if (socket < 0) return undefined;
    if (attempt('connect', socket, this.#target, this.#target.length) < 0) {
      attempt('close', socket);
      return undefined;
    }
    const session = { socket, client, used: monotonicMs() };
    this.#sessions.set(key, session);
    this.#poller.add(socket, POLL.IN, () => this.#answer(session));
    return session;
  }

  #answer(session: Session): void {
    for (let turn = 0; turn < TURN; turn++) {
      const length = attempt('recvfrom', session.socket, this.#buffer, LARGEST, 0, null, null);
      // EAGAIN, or ECONNREFUSED of a container that doesn't listen: UDP loses what it loses.
      if (length < 0) return;
      session.used = monotonicMs();
      attempt('sendto', this.#listener, this.#buffer, length, 0, session.client, session.client.length);
    }
    this.#again(() => this.#answer(session));
  }
}

export interface DatagramForwarding {
  readonly listener: number;
  readonly target: Uint8Array;
  readonly again: (work: () => void) => void;
}
