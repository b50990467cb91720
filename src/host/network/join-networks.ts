import { isCortenError } from '../../pure/base/errors.ts';
import { isSysError } from '../kernel/call.ts';
import { NETLINK } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { attachEndpoint } from './bridge/attach.ts';
import { becomeRouter } from './bridge/forwarding.ts';
import { ContainerNamespace } from './bridge/namespace.ts';
import { networkError } from './errors.ts';
import { elementsOfNetwork, elementsOfPorts, publishingEndpoint } from './firewall/elements-of.ts';
import { Firewall, guardedElement } from './firewall/firewall.ts';
import { raiseLink } from './netlink/links.ts';
import { Batch } from './netlink/message.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import { bindPorts, closeAll, type BoundPort } from './publish/bind-ports.ts';
import { writeContainerNetwork } from './container-network.ts';
import { requireDefaultNetwork } from './records/create-network.ts';
import { lockNetworks } from './records/lock.ts';
import { requireNetwork } from './records/network-records.ts';
import { DEFAULT_NETWORK } from './default-network.ts';
import { tableName } from './records/places.ts';
import { planEndpoint } from './records/plan-endpoints.ts';
import type { ContainerNetwork, Endpoint, NetworkRecord, NetworkRoots, NetworkWish, PortWish } from './types.ts';

export interface JoinRequest {
  readonly roots: NetworkRoots;
  readonly id: string;
  readonly name: string;
  /** The container's, locked. */
  readonly directory: string;
  readonly networks: readonly NetworkWish[];
  readonly ports: readonly PortWish[];
  readonly dns: readonly string[];
}

export interface JoinedNetworks {
  /** The container's network namespace. */
  readonly namespace: Fd;
  readonly network: ContainerNetwork;
  readonly ports: readonly BoundPort[];
  /** Name servers of the networks themselves. */
  readonly resolvers: readonly string[];
}

/**
 * Makes a network namespace with an interface in each of the networks, and publishes ports. What fails leaves
 * nothing but the file `network` in the container's directory, by which leaveNetworks() finds the rest.
 */
export function joinNetworks(request: JoinRequest): JoinedNetworks {
  const { roots, id, name, directory, dns } = request;
  const none: ContainerNetwork = { version: 1, roots, id, name, endpoints: [], ports: [], dns };
  writeContainerNetwork(directory, none);
  using _unlocked = lockNetworks(roots);
  const records = request.networks.map(({ network }) => recordOf(roots, network));
  const ports = bindPorts(request.ports);
  try {
    const endpoints = request.networks.map((wish, index) =>
      planEndpoint({ roots, network: at(records, index), directory }, wish, `eth${index}`),
    );
    const published = publishingEndpoint(endpoints) === undefined ? [] : ports.map(withoutSocket);
    const network = { ...none, endpoints, ports: published };
    writeContainerNetwork(directory, network);
    return { namespace: connect(roots, records, network), network, ports, resolvers: [] };
  } catch (error) {
    closeAll(ports);
    throw error;
  }
}

function recordOf(roots: NetworkRoots, name: string): NetworkRecord {
  return name === DEFAULT_NETWORK ? requireDefaultNetwork(roots) : requireNetwork(roots, name);
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}

function withoutSocket({ hostAddress, hostPort, port, protocol }: BoundPort): ContainerNetwork['ports'][number] {
  return { hostAddress, hostPort, port, protocol };
}

/** The firewall comes first: nothing is reachable before it is guarded. */
function connect(roots: NetworkRoots, records: readonly NetworkRecord[], network: ContainerNetwork): Fd {
  using host = new NetlinkSocket(NETLINK.ROUTE);
  setFirewall(roots, records, network);
  using namespace = ContainerNamespace.make();
  try {
    namespace.socket.send(raiseLoopback());
    const first = network.endpoints.findIndex(hasWayOut);
    for (const [index, endpoint] of network.endpoints.entries()) {
      const record = at(records, index);
      attachEndpoint({ host, namespace, roots, record, endpoint, isDefaultRoute: index === first });
    }
    return namespace.fd;
  } catch (error) {
    namespace.fd.close();
    throw error;
  }
}

function hasWayOut({ addresses }: Endpoint): boolean {
  return addresses.some(({ gateway }) => gateway !== undefined);
}

function raiseLoopback(): Batch {
  const batch = new Batch();
  raiseLink(batch, 'lo', true);
  return batch;
}

/** Puts a container's networks and ports into the firewall, and has the host forward. */
export function setFirewall(
  roots: NetworkRoots,
  records: readonly NetworkRecord[],
  network: Pick<ContainerNetwork, 'endpoints' | 'ports'>,
): void {
  const bridges = records.filter(({ driver }) => driver === 'bridge');
  if (bridges.length === 0) return;
  const hasIpv6 = bridges.some(({ subnets }) => subnets.some(({ subnet }) => subnet.includes(':')));
  const guarded = becomeRouter(roots, hasIpv6).map(guardedElement);
  try {
    using firewall = new Firewall(tableName(roots));
    // We have these ports on the host: who else is on record for one is gone.
    const ports = elementsOfPorts(network);
    const others = bridges.flatMap((record) => elementsOfNetwork(roots, record));
    firewall.replace(ports, [...guarded, ...others]);
  } catch (error) {
    if (isCortenError(error) || !isSysError(error, 'EPROTONOSUPPORT', 'EOPNOTSUPP', 'EAFNOSUPPORT')) throw error;
    const text = 'The kernel has no nf_tables, which networks need: use --network host or --network none';
    throw networkError('NETWORK_UNSUPPORTED', text, error);
  }
}
