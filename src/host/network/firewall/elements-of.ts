import { bridgeName } from '../records/places.ts';
import type { ContainerNetwork, Endpoint, NetworkRecord, NetworkRoots, PublishedPort } from '../types.ts';
import { networkElements, portElement } from './firewall.ts';
import type { NftElement } from './nf-tables.ts';

const LOOPBACK4 = /^127\./;

/** What the firewall has to know of a network; nothing of one that has no bridge. */
export function elementsOfNetwork(roots: NetworkRoots, record: NetworkRecord): readonly NftElement[] {
  if (record.driver !== 'bridge') return [];
  const { isInternal, subnets } = record;
  return networkElements({
    bridge: bridgeName(roots, record),
    isInternal,
    subnets: subnets.map(({ subnet }) => subnet),
  });
}

/** What leads from published ports to the container; what is published on loopback the forwarder alone serves. */
export function elementsOfPorts({
  endpoints,
  ports,
}: Pick<ContainerNetwork, 'endpoints' | 'ports'>): readonly NftElement[] {
  const endpoint = publishingEndpoint(endpoints);
  return endpoint === undefined ? [] : ports.flatMap((port) => elementOfPort(endpoint, port) ?? []);
}

function elementOfPort(
  { addresses }: Endpoint,
  { hostAddress, hostPort, port, protocol }: PublishedPort,
): NftElement | undefined {
  if (LOOPBACK4.test(hostAddress) || hostAddress === '::1') return undefined;
  const family = hostAddress.includes(':') ? 6 : 4;
  const target = addresses.find(({ address }) => address.includes(':') === (family === 6));
  if (target === undefined) return undefined;
  const isAny = hostAddress === '0.0.0.0' || hostAddress === '::';
  return portElement({
    family,
    hostAddress: isAny ? undefined : hostAddress,
    hostPort,
    protocol,
    address: target.address,
    port,
  });
}

/** Ports lead into the first network from which there is a way out; into none where all are internal. */
export function publishingEndpoint(endpoints: readonly Endpoint[]): Endpoint | undefined {
  return endpoints.find(
    ({ driver, addresses }) => driver === 'bridge' && addresses.some(({ gateway }) => gateway !== undefined),
  );
}
