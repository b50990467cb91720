import type { Member } from './manage-networks.ts';
import type { Endpoint, NetworkRecord } from './types.ts';

/** A network in the shape of Docker's own answer (Engine API, NetworkInspect). */
export function inspectNetwork(record: NetworkRecord, members: readonly Member[]): object {
  const { id, name, created, driver, subnets, isInternal, labels, options } = record;
  return {
    Name: name,
    Id: id,
    Created: created,
    Scope: 'local',
    Driver: driver,
    EnableIPv4: subnets.some(({ subnet }) => !subnet.includes(':')),
    EnableIPv6: subnets.some(({ subnet }) => subnet.includes(':')),
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: subnets.map(({ subnet, gateway, range }) => ({
        Subnet: subnet,
        ...(range === undefined ? {} : { IPRange: range }),
        Gateway: gateway,
      })),
    },
    Internal: isInternal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      members.map(({ network, endpoint }) => [network.id, memberOf(network.name, endpoint)]),
    ),
    Options: Object.fromEntries(options),
    Labels: Object.fromEntries(labels),
  };
}

/** `none` and `host`, which are no networks of ours and always there. */
export function inspectBuiltIn(name: 'none' | 'host'): object {
  return {
    Name: name,
    Id: '',
    Created: '0001-01-01T00:00:00Z',
    Scope: 'local',
    Driver: name === 'none' ? 'null' : 'host',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: null },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  };
}

function memberOf(name: string, { id, mac, addresses }: Endpoint): object {
  const of = (isV6: boolean): string => {
    const found = addresses.find(({ address }) => address.includes(':') === isV6);
    return found === undefined ? '' : `${found.address}/${found.prefix}`;
  };
  return { Name: name, EndpointID: id, MacAddress: mac, IPv4Address: of(false), IPv6Address: of(true) };
}
