import { parseAddress, type IpAddress } from '../../../pure/base/ip-address.ts';
import { isSysError } from '../../kernel/call.ts';
import { readTextIfThere } from '../../kernel/files.ts';
import { networkError } from '../errors.ts';
import {
  addAddress,
  addDefaultRoute,
  addMacvlan,
  addVeth,
  findLink,
  MACVLAN_MODES,
  raiseLink,
  reflectAtPort,
} from '../netlink/links.ts';
import { Batch } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { mtuOf, optionOf } from '../records/create-network.ts';
import type { Endpoint, NetworkRecord, NetworkRoots } from '../types.ts';
import { requireBridge } from './bridges.ts';
import type { ContainerNamespace } from './namespace.ts';

export interface Attaching {
  readonly host: NetlinkSocket;
  readonly namespace: ContainerNamespace;
  readonly roots: NetworkRoots;
  readonly record: NetworkRecord;
  readonly endpoint: Endpoint;
  /** Whether what is beyond all networks is reached by this one. */
  readonly isDefaultRoute: boolean;
}

/** Makes the interface that joins a container's namespace with a network, with its addresses and routes. */
export function attachEndpoint(attaching: Attaching): void {
  const { namespace, endpoint } = attaching;
  makeInterface(attaching);
  const link = findLink(namespace.socket, endpoint.inside);
  if (link === undefined) {
    throw networkError('NETWORK_FAILED', `The interface ${endpoint.inside} vanished as soon as it was made`);
  }
  const batch = new Batch();
  const addresses = endpoint.addresses.map((one) => ({ ...one, ...addressIn(one.address) }));
  for (const address of addresses) addAddress(batch, link.index, address);
  raiseLink(
    batch,
    link.index,
    addresses.some(({ family }) => family === 6),
  );
  for (const { gateway } of attaching.isDefaultRoute ? addresses : []) {
    if (gateway !== undefined) addDefaultRoute(batch, link.index, addressIn(gateway));
  }
  namespace.socket.send(batch);
}

function makeInterface({ host, namespace, roots, record, endpoint }: Attaching): void {
  const { inside, outside, mac } = endpoint;
  const batch = new Batch();
  const mtu = mtuOf(record);
  if (outside === undefined) {
    const parent = requireParent(host, record);
    const mode = optionOf(record, 'mode', 'macvlan_mode') ?? 'bridge';
    addMacvlan(batch, {
      name: inside,
      mac,
      parent,
      mode: MACVLAN_MODES[mode as keyof typeof MACVLAN_MODES],
      mtu,
      namespace: namespace.fd.number,
    });
  } else {
    const master = requireBridge(host, roots, record);
    addVeth(batch, {
      name: outside,
      master,
      mtu,
      inside: { name: inside, mac, namespace: namespace.fd.number },
    });
    raiseLink(batch, outside, false);
    if (isBridgeFiltered()) reflectAtPort(batch, outside);
  }
  try {
    host.send(batch);
  } catch (error) {
    throw explained(record, error);
  }
}

/**
 * With br_netfilter a packet to a published port is redirected while it is still in the bridge: if it leads back to
 * who sent it, it has to leave by the port that it came from.
 */
function isBridgeFiltered(): boolean {
  return readTextIfThere('/proc/sys/net/bridge/bridge-nf-call-iptables')?.trim() === '1';
}

function requireParent(host: NetlinkSocket, record: NetworkRecord): number {
  const name = optionOf(record, 'parent') ?? '';
  const parent = findLink(host, name);
  if (parent !== undefined) return parent.index;
  const text = `The host has no interface "${name}", which the network ${record.name} shares: ip link lists them`;
  throw networkError('NETWORK_PARENT_MISSING', text);
}

function explained({ driver, name }: NetworkRecord, error: unknown): unknown {
  if (!isSysError(error, 'EOPNOTSUPP')) return error;
  const kind = driver === 'bridge' ? 'veth' : 'macvlan';
  const text = `The kernel has no ${kind} interfaces, which the network ${name} needs: use --network host or --network none`;
  return networkError('NETWORK_UNSUPPORTED', text, error);
}

/** Of a record of ours. */
function addressIn(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`no address: ${text}`);
  return address;
}
