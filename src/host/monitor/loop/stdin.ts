import { attempt } from '../../kernel/call.ts';
import { POLL } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { creditPacket, STDIN_WINDOW } from '../packets.ts';
import type { Watch } from '../poll.ts';
import type { Client } from './client.ts';

interface Piece {
  readonly client: Client;
  readonly content: Uint8Array;
}

/**
 * The container's standard input: takes what clients send, as fast as the container reads it, and gives each
 * client its credit back, so that no client can fill our memory and none waits behind its own input.
 */
export class StandardInput {
  readonly fd: number;
  readonly #isTerminal: boolean;
  #pieces: Piece[] = [];
  #waiting = 0;
  #isEnding = false;
  #isClosed = false;

  constructor(fd: number, isTerminal: boolean) {
    this.fd = fd;
    this.#isTerminal = isTerminal;
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  get isIdle(): boolean {
    return this.#pieces.length === 0;
  }

  /** `content` is copied where it must wait. */
  take(client: Client, content: Uint8Array): void {
    if (this.#isClosed || this.#isEnding) return client.send(creditPacket(content.length));
    if (this.#waiting + content.length > STDIN_WINDOW * 2) return client.close();
    const written = this.#pieces.length > 0 ? 0 : this.#write(client, content);
    if (written === content.length || this.#isClosed) return;
    this.#pieces.push({ client, content: content.slice(written) });
    this.#waiting += content.length - written;
  }

  /** Closes it after all that is under way; a terminal has no end of its own. */
  end(): void {
    if (this.#isTerminal) return;
    this.#isEnding = true;
    if (this.isIdle) this.#close();
  }

  watches(): readonly Watch[] {
    if (this.#isClosed || (this.#isTerminal && this.isIdle)) return [];
    return [{ fd: this.fd, events: this.isIdle ? 0 : POLL.OUT, ready: (came) => this.#ready(came) }];
  }

  #ready(came: number): void {
    if (!this.#isTerminal && (came & (POLL.ERR | POLL.NVAL)) !== 0) return this.#close();
    while (this.#pieces.length > 0) {
      const [first, ...rest] = this.#pieces as [Piece, ...Piece[]];
      const written = this.#write(first.client, first.content);
      this.#waiting -= written;
      if (this.#isClosed) return;
      if (written < first.content.length) {
        this.#pieces = [{ client: first.client, content: first.content.subarray(written) }, ...rest];
        return;
      }
      this.#pieces = rest;
    }
    if (this.#isEnding) this.#close();
  }

  #write(client: Client, content: Uint8Array): number {
    const result = attempt('write', this.fd, content, content.length);
    if (result === -ERRNO.EAGAIN || result === -ERRNO.EINTR) return 0;
    if (result < 0) {
      this.#close();
      return 0;
    }
    client.send(creditPacket(result));
    return result;
  }

  /** Nobody reads any more: what clients still send is taken and dropped. */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isTerminal) attempt('close', this.fd);
    for (const { client, content } of this.#pieces) client.send(creditPacket(content.length));
    this.#pieces = [];
    this.#waiting = 0;
  }
}
