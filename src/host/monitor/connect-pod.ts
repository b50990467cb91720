import type { Fd } from '../kernel/files.ts';
import { awaitGone, type MonitorConnection } from './connect-monitor.ts';
import { PACKET } from './packets.ts';
import { POD_PACKET } from './pods/pod-packets.ts';
import type { Shared } from './pods/pod-state.ts';
import { requestByName } from './request-mounts.ts';

/** What a pod's containers share, as far as the pod has it. Who asks counts as one of them until the connection closes. */
export function joinPod(connection: MonitorConnection, wanted: readonly Shared[]): Map<string, Fd> {
  return requestByName(connection, POD_PACKET.JOIN, { names: wanted, timeout: -1 });
}

/** Ends a pod's monitor, and returns when all that it kept is gone. */
export function stopPod(connection: MonitorConnection): void {
  connection.send(new Uint8Array([PACKET.STOP]));
  awaitGone(connection);
}
