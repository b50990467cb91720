import type { Places } from '../../monitor/places.ts';
import { DEFAULT_NETWORK } from '../../network/default-network.ts';
import { readContainerNetwork } from '../../network/container-network.ts';
import type { ContainerNetwork, Endpoint, PublishedPort } from '../../network/types.ts';
import type { ContainerConfig } from '../container-config.ts';
import type { Networking } from '../networking.ts';

/** Docker's NetworkSettings of a container (Engine API, ContainerInspect). */
export function networkSettings(config: ContainerConfig, places: Places): object {
  const network = readContainerNetwork(networkDirectory(config, places));
  const first = network?.endpoints.find((endpoint) => endpoint.network === DEFAULT_NETWORK);
  return {
    Bridge: '',
    SandboxID: network === undefined ? '' : config.id,
    Ports: portsOf(config.networking, network?.ports ?? []),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    // Docker fills these in for its default network alone.
    ...addressFields(first),
    Networks: networksOf(config, network),
  };
}

/** Every exposed port, with where it is published; null for one that is not. */
function portsOf({ exposed }: Networking, ports: readonly PublishedPort[]): object {
  const all = [...exposed, ...ports].map(({ port, protocol }) => `${port}/${protocol}`);
  return Object.fromEntries(
    [...new Set(all)].map((key) => {
      const bindings = ports
        .filter(({ port, protocol }) => `${port}/${protocol}` === key)
        .map(({ hostAddress, hostPort }) => ({ HostIp: hostAddress, HostPort: String(hostPort) }));
      return [key, bindings.length === 0 ? null : bindings];
    }),
  );
}

function networksOf(
  { network: kind, networking, id, name }: ContainerConfig,
  network: ContainerNetwork | undefined,
): object {
  if (kind === 'none' || kind === 'host') return { [kind]: networkOf(undefined, { id, name }) };
  if (network !== undefined) {
    return Object.fromEntries(network.endpoints.map((one) => [one.network, networkOf(one, { id, name })]));
  }
  return Object.fromEntries(
    networking.networks.map((wish) => [wish.network, networkOf(undefined, { id, name })]),
  );
}

function networkOf(
  endpoint: Endpoint | undefined,
  { id, name }: { readonly id: string; readonly name: string },
): object {
  const { wish } = endpoint ?? {};
  const fixed = {
    ...(wish?.address4 === undefined ? {} : { IPv4Address: wish.address4 }),
    ...(wish?.address6 === undefined ? {} : { IPv6Address: wish.address6 }),
  };
  const names =
    endpoint === undefined || endpoint.network === DEFAULT_NETWORK ? null : namesOf(endpoint, { id, name });
  return {
    IPAMConfig: Object.keys(fixed).length === 0 ? null : fixed,
    Links: null,
    Aliases: endpoint === undefined || endpoint.aliases.length === 0 ? null : endpoint.aliases,
    DriverOpts: null,
    NetworkID: endpoint?.networkId ?? '',
    ...addressFields(endpoint),
    DNSNames: names,
  };
}

/** By which other containers of the network find it. */
function namesOf(
  { aliases }: Endpoint,
  { id, name }: { readonly id: string; readonly name: string },
): readonly string[] {
  return [...new Set([name, ...aliases, id.slice(0, 12)])];
}

function addressFields(endpoint: Endpoint | undefined): object {
  const [v4, v6] = [4, 6].map((family) =>
    endpoint?.addresses.find(({ address }) => address.includes(':') === (family === 6)),
  );
  return {
    EndpointID: endpoint?.id ?? '',
    Gateway: v4?.gateway ?? '',
    IPAddress: v4?.address ?? '',
    IPPrefixLen: v4?.prefix ?? 0,
    IPv6Gateway: v6?.gateway ?? '',
    GlobalIPv6Address: v6?.address ?? '',
    GlobalIPv6PrefixLen: v6?.prefix ?? 0,
    MacAddress: endpoint?.mac ?? '',
  };
}

/** Where it stands what a container has of networks: those of its pod are the pod's. */
export function networkDirectory({ network, pod }: ContainerConfig, { directory }: Places): string {
  if (network !== 'pod' || pod === undefined) return directory;
  return `${directory.split('/').slice(0, -2).join('/')}/pods/${pod}`;
}

/** Docker's HostConfig as far as it is about networks. */
export function networkHostConfig({
  network,
  networking,
}: Pick<ContainerConfig, 'network' | 'networking'>): object {
  const { networks, container, ports, isAllPublished, dns, dnsSearch, dnsOptions, hosts } = networking;
  const bindings = new Map<string, object[]>();
  for (const {
    hostAddress = '',
    hostPorts: [first, last],
    port,
    protocol,
  } of ports) {
    const key = `${port}/${protocol}`;
    const text = first === 0 ? '' : first === last ? String(first) : `${first}-${last}`;
    bindings.set(key, [...(bindings.get(key) ?? []), { HostIp: hostAddress, HostPort: text }]);
  }
  return {
    NetworkMode: network === 'container' ? `container:${container ?? ''}` : (networks[0]?.network ?? network),
    PortBindings: Object.fromEntries(bindings),
    PublishAllPorts: isAllPublished,
    Dns: dns,
    DnsSearch: dnsSearch,
    DnsOptions: dnsOptions,
    ExtraHosts: hosts.length === 0 ? null : hosts.map(([name, address]) => `${name}:${address}`),
  };
}

/** Docker's Config.ExposedPorts; left out where there are none. */
export function exposedPorts({ networking: { exposed } }: ContainerConfig): object {
  if (exposed.length === 0) return {};
  return {
    ExposedPorts: Object.fromEntries(exposed.map(({ port, protocol }) => [`${port}/${protocol}`, {}])),
  };
}
