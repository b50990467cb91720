import { isCortenError } from '../../pure/base/errors.ts';
import { NETLINK } from '../kernel/constants.ts';
import { networkError } from './errors.ts';
import { readContainerNetwork } from './container-network.ts';
import { DEFAULT_NETWORK } from './default-network.ts';
import { allLinks } from './netlink/links.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import { isUnused, reservedAddresses } from './records/addresses.ts';
import { createNetwork as create, requireDefaultNetwork, type NewNetwork } from './records/create-network.ts';
import { lockNetworks } from './records/lock.ts';
import {
  allNetworks,
  deleteNetwork,
  readNetwork,
  requireNetwork,
  sweepUnmade,
} from './records/network-records.ts';
import { removeUnused, sweep } from './sweep-networks.ts';
import type { ContainerNetwork, Endpoint, NetworkRecord, NetworkRoots } from './types.ts';

/** Puts a network on record. Throws NETWORK_EXISTS and others of errors.ts. */
export function createNetwork(roots: NetworkRoots, wanted: NewNetwork): NetworkRecord {
  using _unlocked = lockNetworks(roots);
  if (wanted.name === DEFAULT_NETWORK) {
    const text = `The network ${DEFAULT_NETWORK} is the default one, which corten makes itself: choose another name`;
    throw networkError('NETWORK_NAME_INVALID', text);
  }
  return create(roots, wanted);
}

/** All by name; the default one is put on record, so that it can be shown before it has containers. */
export function listNetworks(roots: NetworkRoots): readonly NetworkRecord[] {
  putDefaultOnRecord(roots);
  return allNetworks(roots);
}

/** By its name, or the first digits of its ID. Throws NETWORK_NOT_FOUND. */
export function findNetwork(roots: NetworkRoots, wanted: string): NetworkRecord {
  if (wanted === DEFAULT_NETWORK) putDefaultOnRecord(roots);
  return requireNetwork(roots, wanted);
}

function putDefaultOnRecord(roots: NetworkRoots): void {
  if (readNetwork(roots, DEFAULT_NETWORK) !== undefined) return;
  using _unlocked = lockNetworks(roots);
  requireDefaultNetwork(roots);
}

export interface Member {
  readonly network: ContainerNetwork;
  readonly endpoint: Endpoint;
}

/** The containers that are in a network. */
export function membersOf(roots: NetworkRoots, { name, id }: NetworkRecord): readonly Member[] {
  const directories = new Set(reservedAddresses(roots, name).map(({ directory }) => directory));
  return [...directories].flatMap((directory) => {
    const network = readContainerNetwork(directory);
    const endpoint = network?.endpoints.find(({ networkId }) => networkId === id);
    return network === undefined || endpoint === undefined ? [] : [{ network, endpoint }];
  });
}

/** Removes a network that no container is in; undefined for one whose record is damaged. Throws NETWORK_IN_USE. */
export function removeNetwork(roots: NetworkRoots, wanted: string): NetworkRecord | undefined {
  using _unlocked = lockNetworks(roots);
  const record = unlessDamaged(roots, wanted);
  if (record === undefined) {
    deleteNetwork(roots, wanted);
    return undefined;
  }
  if (record.name === DEFAULT_NETWORK) {
    throw networkError('NETWORK_IN_USE', `The network ${DEFAULT_NETWORK} is the default one, and stays`);
  }
  if (!isUnused(roots, record.name)) sweep(roots);
  if (!isUnused(roots, record.name)) {
    const names = membersOf(roots, record).map(({ network }) => network.name);
    const text = `The network ${record.name} is in use by ${names.join(', ')}: stop or disconnect those first`;
    throw networkError('NETWORK_IN_USE', text);
  }
  remove(roots, record);
  return record;
}

function unlessDamaged(roots: NetworkRoots, wanted: string): NetworkRecord | undefined {
  try {
    return requireNetwork(roots, wanted);
  } catch (error) {
    if (isCortenError(error) && error.code === 'NETWORK_DAMAGED') return undefined;
    throw error;
  }
}

/** Removes all networks that no container is in, but for the default one and those that `isKept`. */
export function pruneNetworks(
  roots: NetworkRoots,
  isKept: (record: NetworkRecord) => boolean,
): readonly NetworkRecord[] {
  using _unlocked = lockNetworks(roots);
  sweep(roots);
  sweepUnmade(roots);
  const unused = allNetworks(roots).filter(
    (record) => record.name !== DEFAULT_NETWORK && isUnused(roots, record.name) && !isKept(record),
  );
  for (const record of unused) remove(roots, record);
  return unused;
}

function remove(roots: NetworkRoots, record: NetworkRecord): void {
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  removeUnused(roots, record, { socket, links: allLinks(socket) });
  deleteNetwork(roots, record.name);
}
