import {
  addressBytes,
  formatAddress,
  parseAddress,
  parseSubnet,
  type IpAddress,
} from '../../../pure/base/ip-address.ts';
import { networkError } from '../errors.ts';
import type { Endpoint, EndpointAddress, NetworkRecord, NetworkSubnet, NetworkWish } from '../types.ts';
import { reserveAddress, type Taker } from './addresses.ts';
import { randomHex } from './create-network.ts';

/** Reserves a container's addresses in a network; `inside` is what its interface will be called. */
export function planEndpoint(taker: Taker, wish: NetworkWish, inside: string): Endpoint {
  const { network } = taker;
  refuseForeign(network, wish);
  const addresses = network.subnets.map((subnet) => {
    const wanted = subnet.subnet.includes(':') ? wish.address6 : wish.address4;
    return { subnet, address: reserveAddress(taker, subnet, wanted) };
  });
  const id = randomHex();
  return {
    network: network.name,
    networkId: network.id,
    id,
    driver: network.driver,
    inside,
    ...(network.driver === 'bridge' ? { outside: `cv${id.slice(0, 12)}` } : {}),
    mac: wish.mac ?? macOf(addresses[0]?.address, id),
    addresses: addresses.map(({ subnet, address }) => endpointAddress(network, subnet, address)),
    aliases: wish.aliases,
    wish,
  };
}

function refuseForeign({ name, subnets }: NetworkRecord, { address4, address6 }: NetworkWish): void {
  const lacks = (isV6: boolean): boolean => !subnets.some(({ subnet }) => subnet.includes(':') === isV6);
  if (address6 !== undefined && lacks(true)) {
    const text = `The network ${name} has no IPv6 for the address ${address6}: make one by corten network create --ipv6`;
    throw networkError('NETWORK_ADDRESS_INVALID', text);
  }
  if (address4 !== undefined && lacks(false)) {
    throw networkError(
      'NETWORK_ADDRESS_INVALID',
      `The network ${name} has no IPv4 for the address ${address4}`,
    );
  }
}

/** By its address, so that whoever gets the same one later is found where neighbours look for it. */
function macOf(address: IpAddress | undefined, id: string): string {
  const bytes = address === undefined ? [] : [...addressBytes(address)].slice(-4);
  const last =
    address?.family === 4
      ? bytes.map((byte) => byte.toString(16).padStart(2, '0'))
      : (id.slice(0, 8).match(/../g) ?? []);
  return `02:42:${last.join(':')}`;
}

function endpointAddress(
  { isInternal }: NetworkRecord,
  { subnet, gateway }: NetworkSubnet,
  address: IpAddress,
): EndpointAddress {
  const hasGateway = !isInternal && parseAddress(gateway) !== undefined;
  return {
    address: formatAddress(address),
    prefix: parseSubnet(subnet)?.prefix ?? 0,
    ...(hasGateway ? { gateway } : {}),
  };
}
