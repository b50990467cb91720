import { attempt, sys } from '../../kernel/call.ts';
import { AF, POLL, SO, SOCK, SOL } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import type { Poller } from './poller.ts';
import { StreamRelay } from './stream-relay.ts';

const IPPROTO_TCP = 6;
/** include/uapi/linux/eventpoll.h; EPOLLIN and EPOLLOUT are POLL's. */
const EPOLLRDHUP = 0x2000;
const SO_LINGER = 13;

/** Accepts connections and joins each with one to the container. */
export class StreamForwarder {
  readonly #poller: Poller;
  readonly #listener: number;
  readonly #target: Uint8Array;
  readonly #again: (work: () => void) => void;

  /** `target` is a socket address; `again` has something done after others had their turn. */
  constructor(poller: Poller, { listener, target, again }: StreamForwarding) {
    this.#poller = poller;
    this.#listener = listener;
    this.#target = target;
    this.#again = again;
    poller.add(listener, POLL.IN, () => this.#accept());
  }

  #accept(): void {
    for (;;) {
      const client = attempt('accept4', this.#listener, null, null, SOCK.CLOEXEC | SOCK.NONBLOCK);
      if (client === -ERRNO.EAGAIN) return;
      // One that went away before it was accepted keeps nobody behind it waiting.
      if (client === -ERRNO.ECONNABORTED || client === -ERRNO.EINTR) continue;
      // Without a free descriptor it waits in the kernel until another connection ends.
      if (client < 0) return;
      this.#join(client);
    }
  }

  #join(client: number): void {
    const family = this.#target.length === 16 ? AF.INET : AF.INET6;
    const server = attempt('socket', family, SOCK.STREAM | SOCK.CLOEXEC | SOCK.NONBLOCK, IPPROTO_TCP);
    const connecting = server < 0 ? server : attempt('connect', server, this.#target, this.#target.length);
    if (connecting < 0 && connecting !== -ERRNO.EINPROGRESS) {
      if (server >= 0) attempt('close', server);
      return reset(client);
    }
    try {
      const connection = new Connection(client, server);
      const work = (): void => {
        const state = connection.serve();
        if (state === 'later') return this.#again(work);
        if (state === 'waiting') return;
        this.#poller.close(client);
        this.#poller.close(server);
        // A descriptor is free again for those who wait in the kernel.
        this.#again(() => this.#accept());
      };
      for (const fd of [server, client]) this.#poller.add(fd, POLL.IN | POLL.OUT | EPOLLRDHUP, work);
    } catch {
      // No descriptors left for its pipes.
      this.#poller.close(server);
      reset(client);
    }
  }
}

export interface StreamForwarding {
  readonly listener: number;
  readonly target: Uint8Array;
  readonly again: (work: () => void) => void;
}

class Connection {
  readonly #client: number;
  readonly #server: number;
  readonly #up: StreamRelay;
  readonly #down: StreamRelay;
  #isConnected = false;
  #isOver = false;

  constructor(client: number, server: number) {
    this.#client = client;
    this.#server = server;
    this.#up = new StreamRelay(client, server);
    try {
      this.#down = new StreamRelay(server, client);
    } catch (error) {
      this.#up.close();
      throw error;
    }
  }

  serve(): 'later' | 'waiting' | 'over' {
    if (this.#isOver) return 'waiting';
    if (!this.#isConnected) {
      const errno = errorOf(this.#server);
      if (errno !== 0) return this.#end(true);
      if (!isWritable(this.#server)) return 'waiting';
      this.#isConnected = true;
    }
    const results = [this.#up.move(), this.#down.move()];
    if (results.includes('broken')) return this.#end(true);
    if (results.every((result) => result === 'ended')) return this.#end(false);
    return results.includes('later') ? 'later' : 'waiting';
  }

  /** Whoever is still there hears of a fault as of one, not as of an orderly end. */
  #end(isBroken: boolean): 'over' {
    this.#isOver = true;
    this.#up.close();
    this.#down.close();
    if (isBroken) for (const fd of [this.#client, this.#server]) resetAtClose(fd);
    return 'over';
  }
}

function isWritable(fd: number): boolean {
  const table = new Int32Array([fd, POLL.OUT]);
  return attempt('poll', table, 1, 0) > 0 && (((table[1] ?? 0) >>> 16) & POLL.OUT) !== 0;
}

function errorOf(fd: number): number {
  const errno = new Uint32Array(1);
  sys('getsockopt', fd, SOL.SOCKET, SO.ERROR, errno, new Uint32Array([4]));
  return errno[0] ?? 0;
}

function reset(client: number): void {
  resetAtClose(client);
  attempt('close', client);
}

/** struct linger: on, with no time at all. */
function resetAtClose(fd: number): void {
  attempt('setsockopt', fd, SOL.SOCKET, SO_LINGER, new Uint32Array([1, 0]), 8);
}
