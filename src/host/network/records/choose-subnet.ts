import {
  addressOf,
  formatAddress,
  formatSubnet,
  overlaps,
  parseSubnet,
  plus,
  type Subnet,
} from '../../../pure/base/ip-address.ts';
import { NETLINK } from '../../kernel/constants.ts';
import { sys } from '../../kernel/call.ts';
import { networkError } from '../errors.ts';
import { allRoutes } from '../netlink/links.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import type { Driver, NetworkRoots, NetworkSubnet } from '../types.ts';
import { allNetworks } from './network-records.ts';

/** Private networks (RFC 1918) from which those without a subnet of their own get one, and how large. */
const POOLS: readonly (readonly [pool: string, prefix: number])[] = [
  ['10.86.0.0/15', 24],
  ['172.24.0.0/13', 20],
  ['192.168.128.0/17', 24],
];
/** The default network's, larger since it serves everybody; the first that is free. */
const DEFAULT_POOLS: readonly (readonly [pool: string, prefix: number])[] = [['10.85.0.0/16', 16], ...POOLS];

/** A free IPv4 subnet: of no other network, and without a route of the host's into it. */
export function chooseSubnet(roots: NetworkRoots, isDefault: boolean): NetworkSubnet {
  const taken = takenSubnets(roots);
  for (const [text, prefix] of isDefault ? DEFAULT_POOLS : POOLS) {
    const pool = parseSubnet(text);
    if (pool === undefined) continue;
    for (let index = 0; index < 2 ** (prefix - pool.prefix); index++) {
      const subnet = { base: plus(pool.base, index * 2 ** (32 - prefix)), prefix };
      if (!taken.some((other) => overlaps(other, subnet))) return withGateway(subnet);
    }
  }
  const text =
    'No private IPv4 subnet is free: name one by corten network create --subnet, or remove networks';
  throw networkError('NETWORK_FULL', text);
}

/** A unique local subnet of 64 bits whose first 40 are random (RFC 4193). */
export function chooseSubnet6(): NetworkSubnet {
  const random = new Uint8Array(16);
  sys('getrandom', random, 6, 0);
  random.copyWithin(1, 0, 5);
  random[0] = 0xfd;
  random.fill(0, 6);
  return withGateway({ base: addressOf(random), prefix: 64 });
}

/** Throws NETWORK_SUBNET_TAKEN where another network, or with a bridge the host, uses a part of it. */
export function refuseTaken(roots: NetworkRoots, subnet: Subnet, driver: Driver): void {
  // A macvlan network is the host's own.
  const taken = driver === 'macvlan' ? subnetsOfNetworks(roots) : takenSubnets(roots);
  const other = taken.find((one) => overlaps(one, subnet));
  if (other === undefined) return;
  const text = `The subnet ${formatSubnet(subnet)} overlaps with ${formatSubnet(other)}, which is in use: choose another`;
  throw networkError('NETWORK_SUBNET_TAKEN', text);
}

function takenSubnets(roots: NetworkRoots): readonly Subnet[] {
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  return [...subnetsOfNetworks(roots), ...allRoutes(socket)];
}

function subnetsOfNetworks(roots: NetworkRoots): readonly Subnet[] {
  return allNetworks(roots).flatMap(({ subnets }) =>
    subnets.flatMap(({ subnet }) => parseSubnet(subnet) ?? []),
  );
}

function withGateway(subnet: Subnet): NetworkSubnet {
  return { subnet: formatSubnet(subnet), gateway: formatAddress(plus(subnet.base, 1)) };
}
