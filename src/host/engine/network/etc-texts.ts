import { parseAddress } from '../../../pure/base/ip-address.ts';
import { readTextIfThere } from '../../kernel/files.ts';
import type { ContainerNetwork } from '../../network/types.ts';
import type { Link } from './links.ts';
import type { ContainerConfig } from '../container-config.ts';

/** As Docker writes them. */
const LOCAL_HOSTS = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];
const RESOLV_CONF = '/etc/resolv.conf';
/** Where systemd-resolved keeps the servers that its own one on loopback asks. */
const RESOLVED_CONF = '/run/systemd/resolve/resolv.conf';
/** What Docker takes where the host has no resolver that a container could reach. */
const PUBLIC_RESOLVERS = ['8.8.8.8', '8.8.4.4'];
/** Of one that is in no network. */
const LOOPBACK = '127.0.0.1';
const HOST_GATEWAY = 'host-gateway';

export interface EtcNetwork {
  readonly network: ContainerNetwork;
  /** Name servers of the networks themselves. */
  readonly resolvers: readonly string[];
}

/** The texts of /etc/hosts and /etc/resolv.conf of a container in networks. */
export function etcTexts(
  config: Pick<ContainerConfig, 'networking' | 'hostname'>,
  { network, resolvers }: EtcNetwork,
  links: readonly Link[] = [],
): ReadonlyMap<string, string> {
  return new Map([
    ['hosts', hostsText(config, network, links)],
    ['resolv.conf', resolvText(config, network, resolvers)],
  ]);
}

function hostsText(
  { networking, hostname }: Pick<ContainerConfig, 'networking' | 'hostname'>,
  { endpoints }: ContainerNetwork,
  links: readonly Link[],
): string {
  const gateway = gatewayOf(endpoints);
  const extra = networking.hosts.map(
    ([name, address]) => `${address === HOST_GATEWAY ? gateway : address}\t${name}`,
  );
  const linked = links.map(({ address, names }) => `${address}\t${names.join(' ')}`);
  const addresses = endpoints.flatMap((endpoint) => endpoint.addresses.map(({ address }) => address));
  const own = (addresses.length === 0 ? [LOOPBACK] : addresses).map((address) => `${address}\t${hostname}`);
  return `${[...LOCAL_HOSTS, ...extra, ...linked, ...own].join('\n')}\n`;
}

/** The host, as containers of an internal network see it too. */
function gatewayOf(endpoints: ContainerNetwork['endpoints']): string {
  const gateways = endpoints.flatMap(({ addresses }) => addresses.flatMap(({ gateway }) => gateway ?? []));
  return gateways[0] ?? '127.0.0.1';
}

/** resolv.conf(5). What is asked for comes before what the host has. */
function resolvText(
  { networking }: Pick<ContainerConfig, 'networking'>,
  { endpoints }: ContainerNetwork,
  resolvers: readonly string[],
): string {
  const host = hostResolvConf();
  const hasIpv6 = endpoints.some(({ addresses }) => addresses.some(({ address }) => address.includes(':')));
  const wanted = networking.dns.length > 0 ? networking.dns : reachable(host.servers, hasIpv6);
  const servers = resolvers.length > 0 ? resolvers : wanted;
  const search = networking.dnsSearch.length > 0 ? networking.dnsSearch : host.search;
  const options = networking.dnsOptions.length > 0 ? networking.dnsOptions : host.options;
  return [
    ...(search.length === 0 || search[0] === '.' ? [] : [`search ${search.join(' ')}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function reachable(servers: readonly string[], hasIpv6: boolean): readonly string[] {
  const others = servers.filter((server) => !isLoopback(server) && (hasIpv6 || !server.includes(':')));
  return others.length > 0 ? others : PUBLIC_RESOLVERS;
}

interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

function hostResolvConf(): ResolvConf {
  const own = parseResolvConf(readTextIfThere(RESOLV_CONF) ?? '');
  if (own.servers.length === 0 || !own.servers.every((server) => server === '127.0.0.53')) return own;
  const text = readTextIfThere(RESOLVED_CONF);
  return text === undefined ? own : parseResolvConf(text);
}

/** One server of an address with a zone is reached from the host alone. */
function parseResolvConf(text: string): ResolvConf {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (...keys: readonly string[]): readonly (readonly string[])[] =>
    lines.filter(([key = '']) => keys.includes(key)).map((words) => words.slice(1));
  return {
    servers: of('nameserver').flatMap(([server = '']) =>
      parseAddress(server) === undefined ? [] : [server],
    ),
    search: of('search', 'domain').at(-1) ?? [],
    options: of('options').flat(),
  };
}

function isLoopback(server: string): boolean {
  return server.startsWith('127.') || server === '::1';
}
