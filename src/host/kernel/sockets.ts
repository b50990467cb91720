import { SysError, attempt, retry, sys } from './call.ts';
import { AF, MSG, SOCK } from './constants.ts';
import { Fd, keptAfter } from './files.ts';

/** A connected pair that keeps message borders, both close-on-exec. */
export function socketPair(): [Fd, Fd] {
  const ends = new Uint32Array(2);
  sys('socketpair', AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC, 0, ends);
  return [new Fd(ends[0] ?? -1), new Fd(ends[1] ?? -1)];
}

/** A stream connection to a Unix socket; names beyond 107 bytes are refused as the kernel does. */
export function connectUnix(path: string): Fd {
  const name = bytes(path);
  if (name.length > 108) throw new RangeError(`The socket path ${path} is longer than 107 bytes`);
  const address = new Uint8Array(2 + name.length);
  address[0] = AF.UNIX;
  address.set(name, 2);
  const socket = new Fd(sys('socket', AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0));
  return keptAfter(socket, ({ number }) => {
    const result = attempt('connect', number, address, address.length);
    if (result < 0) throw new SysError('connect', -result, path);
  });
}

// The kernel reads through the addresses in `header`: whoever calls holds the whole object meanwhile.
// struct msghdr (56 bytes) with one iovec and room for one descriptor (struct cmsghdr, CMSG_SPACE(4) = 24).
interface Message {
  readonly header: BigUint64Array;
  readonly vector: BigUint64Array;
  readonly control: Uint32Array;
}

function message(content: Uint8Array, withControl: boolean): Message {
  const vector = new BigUint64Array([BigInt(addr(content)), BigInt(content.length)]);
  const control = new Uint32Array(6);
  const header = new BigUint64Array(7);
  header[2] = BigInt(addr(vector));
  header[3] = 1n;
  if (withControl) {
    header[4] = BigInt(addr(control));
    header[5] = 24n;
  }
  return { header, vector, control };
}

/** Sends the bytes, with a descriptor (SCM_RIGHTS) if one is given. */
export function sendMessage(socket: number, content: Uint8Array, descriptor?: number): void {
  const sent = message(content, descriptor !== undefined);
  if (descriptor !== undefined) sent.control.set([20, 0, 1, 1, descriptor, 0]);
  retry('sendmsg', socket, sent.header, MSG.NOSIGNAL);
}

export interface Received {
  readonly content: Uint8Array;
  readonly descriptor?: Fd;
}

/** The next message and the descriptor that came with it; undefined at the end. */
export function receiveMessage(socket: number, limit = 65536): Received | undefined {
  const buffer = new Uint8Array(limit);
  const received = message(buffer, true);
  const length = retry('recvmsg', socket, received.header, MSG.CMSG_CLOEXEC);
  if (length === 0) return undefined;
  const content = buffer.subarray(0, length);
  const { header, control } = received;
  const hasDescriptor = header[5] !== 0n && control[0] === 20 && control[3] === 1;
  return hasDescriptor ? { content, descriptor: new Fd(control[4] ?? -1) } : { content };
}
