import { isSysError, sys } from '../kernel/call.ts';
import { NETLINK } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { attachEndpoint } from './bridge/attach.ts';
import { ContainerNamespace } from './bridge/namespace.ts';
import { cniModule, isCni } from './cni/cni.ts';
import { networkError } from './errors.ts';
import { publishingEndpoint } from './firewall/elements-of.ts';
import { setFirewall } from './firewall/set-firewall.ts';
import { raiseLink } from './netlink/links.ts';
import { Batch } from './netlink/message.ts';
import { nameServersOf, updateNames } from './names/name-server.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import { bindPorts, closeAll, type BoundPort } from './publish/bind-ports.ts';
import { forget } from './records/forget.ts';
import { readContainerNetwork, writeContainerNetwork } from './container-network.ts';
import { requireDefaultNetwork } from './records/create-network.ts';
import { lockNetworks } from './records/lock.ts';
import { requireNetwork } from './records/network-records.ts';
import { DEFAULT_NETWORK } from './default-network.ts';
import { planEndpoint } from './records/plan-endpoints.ts';
import type {
  ContainerNetwork,
  Endpoint,
  NetworkRecord,
  NetworkRoots,
  NetworkWish,
  PortWish,
} from './types.ts';

export interface JoinRequest {
  readonly roots: NetworkRoots;
  readonly id: string;
  readonly name: string;
  /** The container's, locked. */
  readonly directory: string;
  readonly networks: readonly NetworkWish[];
  readonly ports: readonly PortWish[];
  readonly dns: readonly string[];
  /** Whose the network namespace is, if not ours. */
  readonly userNamespace?: Fd | undefined;
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
  const { joined, records } = joinLocked(request);
  // Without the lock, as the name server may take a moment.
  return { ...joined, resolvers: nameServersOf(records, request.name) };
}

interface Joining {
  readonly joined: Omit<JoinedNetworks, 'resolvers'>;
  readonly records: readonly NetworkRecord[];
}

function joinLocked(request: JoinRequest): Joining {
  const { roots, id, name, directory, dns } = request;
  const none: ContainerNetwork = { version: 1, roots, id, name, endpoints: [], ports: [], dns };
  using _unlocked = lockNetworks(roots);
  const before = readContainerNetwork(directory);
  if (before !== undefined) forget(before, directory);
  writeContainerNetwork(directory, none);
  const records = request.networks.map(({ network }) => recordOf(roots, network));
  refuseTwice(records);
  const ports = bindPorts(request.ports);
  try {
    const endpoints = request.networks.map((wish, index) =>
      withCni(planEndpoint({ roots, network: at(records, index), directory }, wish, `eth${index}`)),
    );
    const isPublished =
      publishingEndpoint(endpoints) !== undefined || endpoints.some(({ cni }) => cni !== undefined);
    const planned = { ...none, endpoints, ports: isPublished ? ports.map(withoutSocket) : [] };
    writeContainerNetwork(directory, planned);
    const namespace = connect(request, records, planned);
    const network = addByPlugins(planned, namespace);
    if (network !== planned) writeContainerNetwork(directory, network);
    updateNames(roots, records);
    return { joined: { namespace, network, ports }, records };
  } catch (error) {
    closeAll(ports);
    throw explained(error);
  }
}

function withCni(endpoint: Endpoint): Endpoint {
  if (endpoint.driver !== 'cni') return endpoint;
  return { ...endpoint, mac: '', cni: cniModule().readCni(endpoint.network) };
}

/** With what plugins of the CNI have made of their networks; the same where there are none. */
function addByPlugins(network: ContainerNetwork, namespace: Fd): ContainerNetwork {
  const { id, endpoints, ports } = network;
  if (!endpoints.some(({ driver }) => driver === 'cni')) return network;
  const path = `/proc/${sys('getpid')}/fd/${namespace.number}`;
  const added = endpoints.map((endpoint) => {
    const { cni: state, inside } = endpoint;
    if (state === undefined) return endpoint;
    const { state: cni, ...made } = cniModule().addByCni({
      state,
      container: id,
      namespace: path,
      inside,
      ports,
    });
    return { ...endpoint, ...made, cni };
  });
  return { ...network, endpoints: added };
}

function explained(error: unknown): unknown {
  if (!isSysError(error, 'EPERM')) return error;
  const text =
    'This root may not change the network, for want of CAP_NET_ADMIN: use --network host, or give it that capability';
  return networkError('NETWORK_UNSUPPORTED', text, error);
}

function refuseTwice(records: readonly NetworkRecord[]): void {
  const twice = records.find(({ id }, index) => records.findIndex((other) => other.id === id) < index);
  if (twice === undefined) return;
  throw networkError('NETWORK_CONNECTED', `The network ${twice.name} is named twice: once is enough`);
}

function recordOf(roots: NetworkRoots, name: string): NetworkRecord {
  if (isCni(name)) return cniRecord(name);
  return name === DEFAULT_NETWORK ? requireDefaultNetwork(roots) : requireNetwork(roots, name);
}

/** Such a network is on no record of ours. */
function cniRecord(name: string): NetworkRecord {
  const rest = { isInternal: false, hasNames: false, labels: [], options: [] };
  return { version: 1, id: name, name, created: '', driver: 'cni', subnets: [], ...rest };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}

function withoutSocket({
  hostAddress,
  hostPort,
  port,
  protocol,
}: BoundPort): ContainerNetwork['ports'][number] {
  return { hostAddress, hostPort, port, protocol };
}

/** The firewall comes first: nothing is reachable before it is guarded. */
function connect(
  { roots, userNamespace }: JoinRequest,
  records: readonly NetworkRecord[],
  network: ContainerNetwork,
): Fd {
  using host = new NetlinkSocket(NETLINK.ROUTE);
  setFirewall(roots, records, network);
  using namespace = ContainerNamespace.make(userNamespace);
  try {
    namespace.socket.send(raiseLoopback());
    const first = network.endpoints.findIndex(hasWayOut);
    for (const [index, endpoint] of network.endpoints.entries()) {
      const record = at(records, index);
      if (endpoint.driver !== 'cni')
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
