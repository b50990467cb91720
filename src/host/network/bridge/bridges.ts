import { parseAddress, parseSubnet } from '../../../pure/base/ip-address.ts';
import { isSysError } from '../../kernel/call.ts';
import { networkError } from '../errors.ts';
import { addAddress, addBridge, deleteLink, findLink, raiseLink } from '../netlink/links.ts';
import { Batch } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { mtuOf } from '../records/create-network.ts';
import { bridgeName } from '../records/places.ts';
import type { NetworkRecord, NetworkRoots } from '../types.ts';

/** The index of the network's bridge, which is made where there is none. */
export function requireBridge(socket: NetlinkSocket, roots: NetworkRoots, record: NetworkRecord): number {
  const name = bridgeName(roots, record);
  const found = findLink(socket, name);
  if (found !== undefined) return found.index;
  try {
    socket.send(addBridgeOf(record, name));
  } catch (error) {
    if (!isSysError(error, 'EOPNOTSUPP')) throw error;
    const text = `The kernel has no bridges (CONFIG_BRIDGE), which the network ${record.name} needs: use --network host or --network none`;
    throw networkError('NETWORK_UNSUPPORTED', text, error);
  }
  const made = findLink(socket, name);
  if (made === undefined)
    throw networkError('NETWORK_FAILED', `The bridge ${name} vanished as soon as it was made`);
  const batch = new Batch();
  for (const { subnet, gateway } of record.subnets) {
    const [address, network] = [parseAddress(gateway), parseSubnet(subnet)];
    if (address !== undefined && network !== undefined) {
      addAddress(batch, made.index, { ...address, prefix: network.prefix });
    }
  }
  raiseLink(
    batch,
    made.index,
    record.subnets.some(({ subnet }) => subnet.includes(':')),
  );
  socket.send(batch);
  return made.index;
}

function addBridgeOf(record: NetworkRecord, name: string): Batch {
  const batch = new Batch();
  // Of its own and not of a port's, so that containers find it at one address.
  const mac = `02:42:${(record.id.slice(0, 8).match(/../g) ?? []).join(':')}`;
  addBridge(batch, { name, mac, mtu: mtuOf(record) });
  return batch;
}

/** Takes tens of milliseconds, which the kernel waits for others to stop using it. */
export function removeLink(socket: NetlinkSocket, name: string): void {
  const batch = new Batch();
  deleteLink(batch, name);
  try {
    socket.send(batch);
  } catch (error) {
    if (!isSysError(error, 'ENODEV')) throw error;
  }
}
