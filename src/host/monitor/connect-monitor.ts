import { SysError, attempt, isSysError, sys } from '../kernel/call.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { AF, POLL, SOCK } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { sendMessage } from '../kernel/sockets.ts';
import { fromRecord, type ErrorRecord } from '../../pure/base/errors.ts';
import { monitorError } from './errors.ts';
import { socketAddress } from './socket-address.ts';
import {
  jsonOf,
  jsonPacket,
  MAX_PAYLOAD,
  PACKET,
  PROTOCOL_VERSION,
  type Attach,
  type Exited,
  type NewPolicy,
} from './packets.ts';
import { pollOnce } from './poll.ts';
import type { RestartPolicy } from './supervision.ts';

/** shutdown(2) */
const SHUT_WR = 1;

/** One connection to a monitor. */
export class MonitorConnection {
  readonly #socket: Fd;
  readonly #packet = new Uint8Array(1 + MAX_PAYLOAD);
  /** Of the monitor at the other end. */
  readonly version: number;

  constructor(socket: Fd, version = PROTOCOL_VERSION) {
    this.#socket = socket;
    this.version = version;
  }

  get fd(): number {
    return this.#socket.number;
  }

  /** The next packet's bytes, which the following call overwrites; empty at the end, undefined if none is there. */
  receive(): Uint8Array | undefined {
    let length = attempt('read', this.fd, this.#packet, this.#packet.length);
    // ECONNRESET: it ended with something of ours unread, which Linux reports once, before what it had said.
    if (length === -104) length = attempt('read', this.fd, this.#packet, this.#packet.length);
    if (length === -11 || length === -4) return undefined;
    if (length < 0 && length !== -104) throw new SysError('read', -length, '');
    return this.#packet.subarray(0, Math.max(0, length));
  }

  /** As receive(), waiting up to `timeout` ms, -1 for ever; undefined when that ran out. */
  await(timeout: number): Uint8Array | undefined {
    for (;;) {
      const packet = this.receive();
      if (packet !== undefined) return packet;
      if (!pollOnce([{ fd: this.fd, events: POLL.IN, ready: () => undefined }], timeout)) return undefined;
    }
  }

  /** Waits until the socket takes it; a monitor that is gone takes anything. */
  send(packet: Uint8Array): void {
    for (;;) {
      try {
        return sendMessage(this.fd, packet);
      } catch (error) {
        if (isSysError(error, 'EPIPE', 'ECONNRESET', 'ENOTCONN')) return;
        if (!isSysError(error, 'EAGAIN')) throw error;
      }
      pollOnce([{ fd: this.fd, events: POLL.OUT, ready: () => undefined }], -1);
    }
  }

  /** The socket, which outlives this object. */
  release(): Fd {
    return new Fd(this.#socket.release());
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Connects to the monitor of a container; undefined where none lives, or none answers within `timeout` ms (-1: however
 * long it takes). `directory` is the container's, open.
 */
export function connectMonitor(directory: number, timeout = -1): MonitorConnection | undefined {
  const socket = new Fd(sys('socket', AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC | SOCK.NONBLOCK, 0));
  const address = socketAddress(directory);
  try {
    sys('connect', socket.number, address, address.length);
  } catch (error) {
    socket.close();
    if (isSysError(error, 'ENOENT', 'ECONNREFUSED')) return undefined;
    throw error;
  }
  const packet = new MonitorConnection(socket).await(timeout);
  if (packet !== undefined) return new MonitorConnection(socket, versionOf(socket, packet));
  socket.close();
  return undefined;
}

function versionOf(socket: Fd, packet: Uint8Array): number {
  if (packet[0] !== PACKET.VERSION) return PROTOCOL_VERSION;
  const { version } = jsonOf<{ version: number }>(packet, packet.length);
  if (version <= PROTOCOL_VERSION) return version;
  socket.close();
  const text = `The container's monitor speaks version ${version} and this corten ${PROTOCOL_VERSION}: use the newer corten`;
  throw monitorError('MONITOR_TOO_NEW', text);
}

/** Waits until the container runs; throws what kept it from running. */
export function awaitStarted(connection: MonitorConnection): void {
  const packet = connection.await(-1);
  if (packet?.[0] === PACKET.STARTED) return;
  throw failureOf(packet);
}

/** What a FAILED packet or a closed connection means. */
export function failureOf(packet: Uint8Array | undefined): Error {
  if (packet?.[0] === PACKET.FAILED) return fromRecord(jsonOf<ErrorRecord>(packet, packet.length));
  return monitorError(
    'MONITOR_DIED',
    'The monitor of the container ended without a word, as a SIGKILL does it',
  );
}

/** Has the monitor send a signal to the container's first process: none but that very process gets it. */
export function sendSignal(connection: MonitorConnection, signal: number): void {
  connection.send(new Uint8Array([PACKET.SIGNAL, signal]));
}

/** Says no more, and returns when the monitor has acted on all that was said. */
export function finish(connection: MonitorConnection): void {
  attempt('shutdown', connection.fd, SHUT_WR);
  awaitGone(connection);
}

/** Joins the container's streams. */
export function sendAttach(connection: MonitorConnection, isStdin: boolean): void {
  connection.send(jsonPacket(PACKET.ATTACH, { isStdin } satisfies Attach));
}

/** As sendSignal(), and whatever its restart policy says the container stays ended. */
export function sendStop(connection: MonitorConnection, signal: number): void {
  connection.send(new Uint8Array([connection.version > 1 ? PACKET.STOP : PACKET.SIGNAL, signal]));
}

/** Has the monitor start the container again after its next end. Throws MONITOR_TOO_OLD. */
export function sendRestart(connection: MonitorConnection): void {
  if (connection.version > 1) return connection.send(new Uint8Array([PACKET.RESTART]));
  const text = "The container's monitor is of an older corten, which starts nothing again: stop and start it";
  throw monitorError('MONITOR_TOO_OLD', text);
}

/** Gives the container another restart policy, undefined for none; a monitor of an older corten keeps its own. */
export function sendPolicy(connection: MonitorConnection, policy: RestartPolicy | undefined): void {
  if (connection.version < 3) return;
  connection.send(jsonPacket(PACKET.POLICY, (policy === undefined ? {} : { policy }) satisfies NewPolicy));
  finish(connection);
}

/**
 * Waits up to `timeout` ms (-1 for ever) for the container's end, or with `andRestarts` for one after which it is
 * started again; undefined when that ran out or nobody knows.
 */
export function awaitExit(
  connection: MonitorConnection,
  timeout: number,
  andRestarts = false,
): Exited | undefined {
  const deadline = timeout < 0 ? undefined : monotonicMs() + timeout;
  for (;;) {
    const packet = connection.await(deadline === undefined ? -1 : Math.max(0, deadline - monotonicMs()));
    if (packet === undefined || packet.length === 0) return undefined;
    if (packet[0] !== PACKET.EXITED) continue;
    const exited = jsonOf<Exited>(packet, packet.length);
    if (andRestarts || exited.isRestarting !== true) return exited;
  }
}

/** Waits until the monitor has removed what it removes and is gone. */
export function awaitGone(connection: MonitorConnection): void {
  for (let packet = connection.await(-1); packet !== undefined && packet.length > 0;)
    packet = connection.await(-1);
}
