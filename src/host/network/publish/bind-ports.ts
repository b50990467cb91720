import { addressBytes, parseAddress } from '../../../pure/base/ip-address.ts';
import { SysError, attempt, sys } from '../../kernel/call.ts';
import { AF, SO, SOCK, SOL } from '../../kernel/constants.ts';
import { ERRNO, errnoName } from '../../kernel/errno.ts';
import { Fd } from '../../kernel/files.ts';
import { networkError } from '../errors.ts';
import { socketName } from './socket-name.ts';
import type { PortWish, Protocol, PublishedPort } from '../types.ts';

const SOCKETS: Readonly<Record<Protocol, readonly [type: number, protocol: number]>> = {
  tcp: [SOCK.STREAM, 6],
  udp: [SOCK.DGRAM, 17],
  sctp: [SOCK.STREAM, 132],
};
const BACKLOG = 1024;
const ANY = { 4: '0.0.0.0', 6: '::' } as const;
/** A kernel that lacks a family or protocol has nobody who could want the port. */
const LACKING: readonly number[] = [ERRNO.EAFNOSUPPORT, ERRNO.EPROTONOSUPPORT];
const UNSUPPORTED: readonly number[] = [...LACKING, ERRNO.EADDRNOTAVAIL];
/** How often another free port is looked for, when IPv6 has not the one that IPv4 has. */
const TRIES = 32;

/** A published port with the socket that holds it on the host, where there can be one. */
export interface BoundPort extends PublishedPort {
  readonly socket: Fd | undefined;
}

/**
 * Takes the ports on the host, all or none: the sockets keep others from them, and serve what the host's own programs
 * send. Throws NETWORK_PORT_TAKEN and NETWORK_PORT_REFUSED.
 */
export function bindPorts(wishes: readonly PortWish[]): readonly BoundPort[] {
  const bound: BoundPort[] = [];
  try {
    for (const wish of wishes) bound.push(...bindWish(wish));
    return bound;
  } catch (error) {
    closeAll(bound);
    throw error;
  }
}

export function closeAll(bound: readonly BoundPort[]): void {
  for (const { socket } of bound) socket?.close();
}

function bindWish(wish: PortWish): readonly BoundPort[] {
  const [first, last] = wish.hostPorts;
  const count = first === 0 ? TRIES : last - first + 1;
  for (let index = 0; ; index++) {
    const result = bindEverywhere(wish, first === 0 ? 0 : first + index);
    if (typeof result !== 'number') return result;
    if (index === count - 1 || result !== ERRNO.EADDRINUSE) throw refused(wish, result);
  }
}

/** On each of the addresses that are meant, or the errno that kept it from one. */
function bindEverywhere(
  { hostAddress, port, protocol }: PortWish,
  hostPort: number,
): readonly BoundPort[] | number {
  const addresses = hostAddress === undefined ? [ANY[4], ANY[6]] : [hostAddress];
  const bound: BoundPort[] = [];
  let number = hostPort;
  for (const address of addresses) {
    const socket = bindOne(address, number, protocol);
    if (protocol === 'sctp' && typeof socket === 'number' && LACKING.includes(socket) && number !== 0) {
      bound.push({ hostAddress: address, hostPort: number, port, protocol, socket: undefined });
      continue;
    }
    if (typeof socket === 'number' && !(UNSUPPORTED.includes(socket) && hostAddress === undefined)) {
      closeAll(bound);
      return socket;
    }
    if (typeof socket === 'number') continue;
    if (number === 0) number = portOf(socket);
    bound.push({ hostAddress: address, hostPort: number, port, protocol, socket });
  }
  return bound;
}

/** The socket, or the errno of what the kernel refuses. */
function bindOne(text: string, port: number, protocol: Protocol): Fd | number {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`no address: ${text}`);
  const [type, number] = SOCKETS[protocol];
  const family = address.family === 4 ? AF.INET : AF.INET6;
  const result = attempt('socket', family, type | SOCK.CLOEXEC | SOCK.NONBLOCK, number);
  if (result < 0) return -result;
  const socket = new Fd(result);
  const on = new Uint32Array([1]);
  if (family === AF.INET6) sys('setsockopt', result, SOL.IPV6, SO.V6ONLY, on, 4);
  // Connections of a listener before may still be waiting for their end. With UDP it would let two have one port.
  if (protocol !== 'udp') sys('setsockopt', result, SOL.SOCKET, SO.REUSEADDR, on, 4);
  const name = socketName(addressBytes(address), port);
  const bound = attempt('bind', result, name, name.length);
  const listening = bound < 0 || protocol === 'udp' ? bound : attempt('listen', result, BACKLOG);
  if (listening >= 0) return socket;
  socket.close();
  return -listening;
}

function portOf(socket: Fd): number {
  const name = new Uint8Array(28);
  sys('getsockname', socket.number, name, new Uint32Array([28]));
  return (name[2] ?? 0) * 256 + (name[3] ?? 0);
}

function refused({ hostAddress, hostPorts: [first, last], protocol }: PortWish, errno: number): Error {
  const cause = new SysError('bind', errno, '');
  const ports = first === last ? `port ${first}` : `ports ${first} to ${last}`;
  const where = hostAddress === undefined ? 'of the host' : `of ${hostAddress}`;
  if (errno === ERRNO.EADDRINUSE) {
    const taken = first === last ? 'is taken already' : 'are all taken already';
    const text = `The ${protocol} ${ports} ${where} ${taken}: choose another by -p, or stop what listens there (EADDRINUSE)`;
    return networkError('NETWORK_PORT_TAKEN', text, cause);
  }
  if (errno === ERRNO.EADDRNOTAVAIL) {
    const text = `The address ${hostAddress ?? ''} is none of the host's, so that no port can be published there: ip address lists them`;
    return networkError('NETWORK_PORT_REFUSED', text, cause);
  }
  const text = `The kernel refuses the ${protocol} ${ports} ${where}: ${errnoName(errno)}`;
  return networkError('NETWORK_PORT_REFUSED', text, cause);
}
