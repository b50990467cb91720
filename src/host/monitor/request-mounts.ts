import { isSysError } from '../kernel/call.ts';
import { POLL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { receiveMessage, type Received } from '../kernel/sockets.ts';
import type { MonitorConnection } from './connect-monitor.ts';
import { jsonPacket, PACKET } from './packets.ts';
import { pollOnce } from './poll.ts';

/** The container's root file system as a detached mount, read-only unless `isWriting`; undefined if its end came first. */
export function requestRootfs(connection: MonitorConnection, isWriting: boolean): Fd | undefined {
  connection.send(new Uint8Array([PACKET.ROOTFS, isWriting ? 1 : 0]));
  return nextMount(connection, PACKET.ROOTFS, -1)?.descriptor;
}

export interface LayersRequest {
  readonly files: readonly string[];
  /** Milliseconds that an answer may take; -1: however long. */
  readonly timeout: number;
}

/** Mounts of layers, by their files, as far as the container has them and its monitor answers. */
export function requestLayers(
  connection: MonitorConnection,
  { files, timeout }: LayersRequest,
): Map<string, Fd> {
  return requestByName(connection, PACKET.LAYERS, { names: files, timeout });
}

export interface NamesRequest {
  readonly names: readonly string[];
  /** As in LayersRequest. */
  readonly timeout: number;
}

/** Sends a packet of names: an answer of the same type comes for each, with a descriptor or without. */
export function requestByName(
  connection: MonitorConnection,
  type: number,
  { names, timeout }: NamesRequest,
): Map<string, Fd> {
  connection.send(jsonPacket(type, names));
  const found = new Map<string, Fd>();
  for (const name of names) {
    const answer = nextMount(connection, type, timeout);
    if (answer === undefined) break;
    if (answer.descriptor !== undefined) found.set(name, answer.descriptor);
  }
  return found;
}

/** The next packet of a type; what comes meanwhile is for those who are attached. undefined at the end. */
function nextMount({ fd }: MonitorConnection, type: number, timeout: number): Received | undefined {
  for (;;) {
    if (!pollOnce([{ fd, events: POLL.IN, ready: () => undefined }], timeout)) return undefined;
    const received = tryReceive(fd);
    if (received === 'nothing') continue;
    if (received === undefined || received.content[0] === type) return received;
    if (received.content[0] === PACKET.EXITED) return undefined;
  }
}

function tryReceive(fd: number): Received | undefined | 'nothing' {
  try {
    return receiveMessage(fd);
  } catch (error) {
    if (isSysError(error, 'EAGAIN')) return 'nothing';
    if (isSysError(error, 'ECONNRESET')) return undefined;
    throw error;
  }
}
