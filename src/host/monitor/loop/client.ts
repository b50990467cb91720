import { attempt } from '../../kernel/call.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { attachOf } from '../packets.ts';

/** One connection, never waited for: what its socket doesn't take is kept, and whoever is gone gets nothing. */
export class Client {
  readonly fd: number;
  isAttached: boolean;
  /** Whether its input is the container's, which ends with it. */
  isStdin: boolean;
  #queue: Uint8Array[] = [];
  #isGone = false;

  constructor(
    fd: number,
    { isAttached, isStdin }: { readonly isAttached: boolean; readonly isStdin: boolean },
  ) {
    this.fd = fd;
    this.isAttached = isAttached;
    this.isStdin = isStdin;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get hasBacklog(): boolean {
    return this.#queue.length > 0;
  }

  /** Sends the packet now or keeps it: its bytes must not change as long as hasBacklog holds. */
  send(packet: Uint8Array): void {
    if (this.#isGone) return;
    if (this.#queue.length > 0 || !this.#write(packet)) this.#queue.push(packet);
  }

  /** Sends what was kept, as far as the socket takes it. */
  flush(): void {
    let sent = 0;
    while (sent < this.#queue.length && this.#write(this.#queue[sent] ?? NOTHING)) sent++;
    this.#queue = this.#isGone ? [] : this.#queue.slice(sent);
  }

  /** From now on the bytes of what was sent may change. */
  keepBacklog(): void {
    this.#queue = this.#queue.map((packet) => packet.slice());
  }

  /** Gives it the streams as it asks; one that says something else is dropped. */
  attach(packet: Uint8Array): void {
    const wanted = attachOf(packet);
    if (wanted === undefined) return this.close();
    this.isAttached = true;
    this.isStdin = wanted.isStdin;
  }

  close(): void {
    if (!this.#isGone) attempt('close', this.fd);
    this.#isGone = true;
    this.#queue = [];
  }

  /** Whether the packet needs no further care: a socket with message borders takes all of it or nothing. */
  #write(packet: Uint8Array): boolean {
    const result = attempt('write', this.fd, packet, packet.length);
    if (result >= 0) return true;
    if (result === -ERRNO.EAGAIN) return false;
    this.close();
    return true;
  }
}

const NOTHING = new Uint8Array(0);
