import { SysError, attempt, sys } from '../../kernel/call.ts';
import { AF, MSG, SOCK } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { Fd } from '../../kernel/files.ts';
import { Batch, NLM_F, NLMSG, repliesIn, type MessageStart, type Reply } from './message.ts';

const RECEIVE = 65536;

/** A conversation with the kernel about the network namespace that this process is in when it opens the socket. */
export class NetlinkSocket {
  readonly #fd: Fd;
  readonly #buffer = new Uint8Array(RECEIVE);

  /** `protocol` is one of NETLINK. Throws SysError, as EPROTONOSUPPORT where the kernel lacks the protocol. */
  constructor(protocol: number) {
    this.#fd = new Fd(sys('socket', AF.NETLINK, SOCK.RAW | SOCK.CLOEXEC, protocol));
  }

  get fd(): number {
    return this.#fd.number;
  }

  /**
   * Sends messages whose success is their silence. The kernel works them off before send(2) returns; throws SysError
   * of the first that failed, after all were tried.
   */
  send(batch: Batch): void {
    for (const { type, sequence, payload } of this.#exchange(batch)) {
      const errno = type === NLMSG.ERROR ? errnoIn(payload) : 0;
      if (errno !== 0) throw failure(batch, sequence, errno);
    }
  }

  /** As send(), giving the errno of each that failed, by its number. */
  try(batch: Batch): ReadonlyMap<number, number> {
    const failed = new Map<number, number>();
    for (const { type, sequence, payload } of this.#exchange(batch)) {
      if (type === NLMSG.ERROR && errnoIn(payload) !== 0) failed.set(sequence, errnoIn(payload));
    }
    return failed;
  }

  /** What one question is answered with: undefined where the kernel says that there is no such thing. */
  ask(start: MessageStart, body: () => void, batch: Batch): Reply | undefined {
    batch.add(start, body);
    const [reply] = this.#exchange(batch);
    if (reply === undefined || reply.type !== NLMSG.ERROR) return reply;
    const errno = errnoIn(reply.payload);
    if (errno === ERRNO.ENODEV || errno === ERRNO.ENOENT) return undefined;
    throw failure(batch, reply.sequence, errno);
  }

  /** All that there is of a kind. */
  dump(start: MessageStart): readonly Reply[] {
    const batch = new Batch().add({ ...start, flags: start.flags | NLM_F.DUMP });
    sys('sendto', this.fd, batch.bytes, batch.bytes.length, 0, null, 0);
    const found: Reply[] = [];
    for (;;) {
      const length = sys('recvfrom', this.fd, this.#buffer, RECEIVE, 0, null, null);
      for (const reply of repliesIn(this.#buffer.slice(0, length))) {
        if (reply.type === NLMSG.DONE) return found;
        if (reply.type === NLMSG.ERROR) throw failure(batch, reply.sequence, errnoIn(reply.payload));
        found.push(reply);
      }
    }
  }

  close(): void {
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** All replies are there once send(2) has returned. */
  #exchange(batch: Batch): readonly Reply[] {
    const result = attempt('sendto', this.fd, batch.bytes, batch.bytes.length, 0, null, 0);
    if (result < 0) throw failure(batch, 1, -result);
    const replies: Reply[] = [];
    for (;;) {
      const length = attempt('recvfrom', this.fd, this.#buffer, RECEIVE, MSG.DONTWAIT, null, null);
      if (length === -ERRNO.EAGAIN) return replies;
      if (length < 0) throw failure(batch, 1, -length);
      replies.push(...repliesIn(this.#buffer.slice(0, length)));
    }
  }
}

function failure(batch: Batch, sequence: number, errno: number): SysError {
  return new SysError('sendto', errno, batch.whatOf(sequence));
}

/** struct nlmsgerr begins with the negative errno. */
function errnoIn(payload: Uint8Array): number {
  return -new DataView(payload.buffer, payload.byteOffset, payload.length).getInt32(0, true);
}
