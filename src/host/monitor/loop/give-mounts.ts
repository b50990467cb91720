import { attempt } from '../../kernel/call.ts';
import { AT, MOUNT_ATTR, OPEN_TREE } from '../../kernel/constants.ts';
import { sendMessage } from '../../kernel/sockets.ts';
import { filesOf, PACKET } from '../packets.ts';
import type { Client } from './client.ts';
import type { MonitorState } from './state.ts';

/** Answers a packet of ROOTFS or LAYERS. */
export function giveMounts(client: Client, state: MonitorState, packet: Uint8Array): void {
  if (packet[0] === PACKET.ROOTFS) giveRootfs(client, state, packet[1] === 1);
  else giveLayers(client, state, filesOf(packet));
}

/**
 * Hands a client the container's root file system: a read-only mount unless it means to change something. Who may
 * connect, the listener has checked.
 */
function giveRootfs(client: Client, { lease }: MonitorState, isWriting: boolean): void {
  const readOnly = isWriting ? -1 : cloneReadOnly(lease);
  // Before Linux 6.15 a detached mount can't be copied: it goes as it is.
  give(client, PACKET.ROOTFS, readOnly < 0 ? lease : readOnly);
  if (readOnly >= 0) attempt('close', readOnly);
}

/** A layer that this container doesn't have is answered without a descriptor. */
function giveLayers(client: Client, { layers }: MonitorState, files: readonly string[]): void {
  for (const wanted of files) give(client, PACKET.LAYERS, layers.find(({ file }) => file === wanted)?.fd);
}

function cloneReadOnly(mount: number): number {
  const clone = attempt('open_tree', mount, '', OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.EMPTY_PATH);
  if (clone < 0) return clone;
  const attributes = new BigUint64Array([BigInt(MOUNT_ATTR.RDONLY), 0n, 0n, 0n]);
  const result = attempt('mount_setattr', clone, '', AT.EMPTY_PATH, attributes, 32);
  if (result === 0) return clone;
  attempt('close', clone);
  return result;
}

/** Whoever asks for more at once than its socket holds is dropped, and asks again. */
function give(client: Client, type: number, fd: number | undefined): void {
  try {
    sendMessage(client.fd, new Uint8Array([type]), fd);
  } catch {
    client.close();
  }
}
