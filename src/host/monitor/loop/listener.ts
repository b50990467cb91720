import { attempt, sys } from '../../kernel/call.ts';
import { AF, SOCK } from '../../kernel/constants.ts';
import { socketAddress } from '../socket-address.ts';

/** include/uapi/asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const BACKLOG = 64;

/** Listens in the container's directory, which only its owner may enter. */
export function listen(directory: number): number {
  const socket = sys('socket', AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC | SOCK.NONBLOCK, 0);
  const address = socketAddress(directory);
  sys('bind', socket, address, address.length);
  sys('listen', socket, BACKLOG);
  return socket;
}

/** The next connection of our own user or root; undefined where there is none or it is somebody else's. */
export function accept(listener: number): number | undefined {
  const fd = attempt('accept4', listener, null, null, SOCK.CLOEXEC | SOCK.NONBLOCK);
  if (fd < 0) return undefined;
  const credentials = new Uint32Array(3);
  const result = attempt('getsockopt', fd, SOL_SOCKET, SO_PEERCRED, credentials, new Uint32Array([12]));
  const uid = credentials[1];
  if (result === 0 && (uid === 0 || uid === attempt('geteuid'))) return fd;
  attempt('close', fd);
  return undefined;
}
