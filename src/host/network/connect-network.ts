import { isSysError } from '../kernel/call.ts';
import { NETLINK } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { attachEndpoint } from './bridge/attach.ts';
import { ContainerNamespace } from './bridge/namespace.ts';
import { readContainerNetwork, writeContainerNetwork } from './container-network.ts';
import { networkError } from './errors.ts';
import { elementsOfPorts } from './firewall/elements-of.ts';
import { Firewall } from './firewall/firewall.ts';
import { setFirewall } from './firewall/set-firewall.ts';
import { nameServersOf, updateNames } from './names/name-server.ts';
import { deleteLink } from './netlink/links.ts';
import { Batch } from './netlink/message.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import { isUnused, releaseAddress } from './records/addresses.ts';
import { requireDefaultNetwork } from './records/create-network.ts';
import { lockNetworks } from './records/lock.ts';
import { readNetwork, requireNetwork } from './records/network-records.ts';
import { tableName } from './records/places.ts';
import { planEndpoint } from './records/plan-endpoints.ts';
import { DEFAULT_NETWORK } from './default-network.ts';
import { sweepLater } from './sweep-networks.ts';
import type { ContainerNetwork, Endpoint, NetworkRecord, NetworkRoots, NetworkWish } from './types.ts';

/** A container that runs, and is in networks already. */
export interface Running {
  readonly roots: NetworkRoots;
  /** Its directory. */
  readonly directory: string;
  /** Its network namespace. */
  readonly namespace: Fd;
}

/**
 * Joins a running container with one more network. Its name server there, if it has one. Throws NETWORK_CONNECTED and
 * what joinNetworks() throws; then nothing has changed.
 */
export function connectNetwork(running: Running, wish: NetworkWish): string | undefined {
  const record = connectLocked(running, wish);
  const { name } = requireContainerNetwork(running.directory);
  return nameServersOf([record], name)[0];
}

function connectLocked({ roots, directory, namespace: fd }: Running, wish: NetworkWish): NetworkRecord {
  using _unlocked = lockNetworks(roots);
  const record =
    wish.network === DEFAULT_NETWORK ? requireDefaultNetwork(roots) : requireNetwork(roots, wish.network);
  const before = requireContainerNetwork(directory);
  if (before.endpoints.some(({ networkId }) => networkId === record.id)) {
    throw networkError(
      'NETWORK_CONNECTED',
      `The container ${before.name} is in the network ${record.name} already`,
    );
  }
  const endpoint = planEndpoint({ roots, network: record, directory }, wish, freeName(before.endpoints));
  try {
    const after = { ...before, endpoints: [...before.endpoints, endpoint] };
    writeContainerNetwork(directory, after);
    setFirewall(roots, [record], after);
    using host = new NetlinkSocket(NETLINK.ROUTE);
    using namespace = ContainerNamespace.of(fd);
    const isDefaultRoute = !before.endpoints.some(hasWayOut);
    attachEndpoint({ host, namespace, roots, record, endpoint, isDefaultRoute });
    namespace.fd.close();
  } catch (error) {
    release(roots, endpoint);
    writeContainerNetwork(directory, before);
    throw error;
  }
  updateNames(roots, recordsOf(roots, requireContainerNetwork(directory)));
  return record;
}

/** Takes a running container out of a network; the address of its name server there. Throws NETWORK_NOT_CONNECTED. */
export function disconnectNetwork(
  { roots, directory, namespace: fd }: Running,
  wanted: string,
): string | undefined {
  const record = requireNetwork(roots, wanted);
  {
    using _unlocked = lockNetworks(roots);
    const before = requireContainerNetwork(directory);
    const endpoint = before.endpoints.find(({ networkId }) => networkId === record.id);
    if (endpoint === undefined) {
      throw networkError(
        'NETWORK_NOT_CONNECTED',
        `The container ${before.name} is not in the network ${record.name}`,
      );
    }
    const after = { ...before, endpoints: before.endpoints.filter((other) => other !== endpoint) };
    moveElements(roots, before, after);
    removeInterface(fd, endpoint);
    release(roots, endpoint);
    writeContainerNetwork(directory, after);
    updateNames(roots, recordsOf(roots, before));
  }
  if (isUnused(roots, record.name)) sweepLater(roots);
  return record.hasNames ? record.subnets[0]?.gateway : undefined;
}

/** Published ports lead into another network, if there is one. */
function moveElements(roots: NetworkRoots, before: ContainerNetwork, after: ContainerNetwork): void {
  const [old, wanted] = [elementsOfPorts(before), elementsOfPorts(after)];
  if (old.length === 0) return;
  using firewall = new Firewall(tableName(roots));
  firewall.remove(old.map(({ set, key }) => ({ set, key })));
  if (wanted.length > 0) firewall.add(wanted);
}

/** By its own end, which every kind of interface has. */
function removeInterface(fd: Fd, { inside }: Endpoint): void {
  using namespace = ContainerNamespace.of(fd);
  const batch = new Batch();
  deleteLink(batch, inside);
  try {
    namespace.socket.send(batch);
  } catch (error) {
    if (!isSysError(error, 'ENODEV')) throw error;
  }
  namespace.fd.close();
}

function release(roots: NetworkRoots, { network, addresses }: Endpoint): void {
  for (const { address } of addresses) releaseAddress(roots, network, address);
}

function requireContainerNetwork(directory: string): ContainerNetwork {
  const network = readContainerNetwork(directory);
  if (network !== undefined) return network;
  throw networkError('NETWORK_NOT_CONNECTED', 'The container has ended, and is in no network any more');
}

function recordsOf(roots: NetworkRoots, { endpoints }: ContainerNetwork): readonly NetworkRecord[] {
  return endpoints.flatMap(({ network }) => readNetwork(roots, network) ?? []);
}

function hasWayOut({ addresses }: Endpoint): boolean {
  return addresses.some(({ gateway }) => gateway !== undefined);
}

/** `eth0` and so on, the first that is free. */
function freeName(endpoints: readonly Endpoint[]): string {
  for (let index = 0; ; index++) {
    const name = `eth${index}`;
    if (!endpoints.some(({ inside }) => inside === name)) return name;
  }
}
