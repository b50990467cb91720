import { NO_NETWORKING, type Networking } from '../engine/networking.ts';
import type { Network } from '../engine/run-request.ts';
import type { FlagTable, Options } from './options.ts';

/** The environment variable that says which network is meant where none is named. */
const DEFAULT_VARIABLE = 'CORTEN_NETWORK=';
const DEFAULT_NETWORK = 'bridge';

/** Flags of `run` and `create` about networks. */
export const NETWORK_FLAGS = {
  network: {
    kind: 'list',
    value: 'NAME',
    help: 'network to be in: bridge unless given, host, none, container:NAME, or one made by network create',
  },
  net: { kind: 'list', value: 'NAME', help: 'the same as --network' },
  publish: {
    kind: 'list',
    short: 'p',
    value: '[[ADDRESS:]PORT:]PORT[/udp]',
    help: 'a port of the host for one of the container; ranges as 8000-8010:80-90',
  },
  'publish-all': { kind: 'switch', short: 'P', help: 'publish all exposed ports on any that are free' },
  expose: { kind: 'list', value: 'PORT[/udp]', help: 'a port of the container to tell of' },
  ip: { kind: 'text', value: 'ADDRESS', help: 'IPv4 address in the network' },
  ip6: { kind: 'text', value: 'ADDRESS', help: 'IPv6 address in the network' },
  'mac-address': { kind: 'text', value: 'ADDRESS', help: 'address of the interface, as 02:42:ac:11:00:02' },
  'network-alias': { kind: 'list', value: 'NAME', help: 'one more name in the network' },
  'net-alias': { kind: 'list', value: 'NAME', help: 'the same as --network-alias' },
  dns: { kind: 'list', value: 'ADDRESS', help: "name server, instead of the host's" },
  'dns-search': { kind: 'list', value: 'DOMAIN', help: 'domain in which names are looked for; . for none' },
  'dns-option': { kind: 'list', value: 'OPTION', help: 'option of resolv.conf(5)' },
  'dns-opt': { kind: 'list', value: 'OPTION', help: 'the same as --dns-option' },
  'add-host': {
    kind: 'list',
    value: 'NAME:ADDRESS',
    help: "a line of /etc/hosts; host-gateway as the address is the host's",
  },
} as const satisfies FlagTable;

/** What was given of networks. */
export interface NetworkChoice {
  readonly network: Network;
  readonly networking: Networking;
}

type Chunk = typeof import('./network/parse-networking.chunk.ts');

/** Reads the flags; with nothing but --network none or host there is little to read. */
export function networkChoice(options: Options): NetworkChoice {
  const given = [...options.list('network'), ...options.list('net')];
  const names = given.length > 0 ? given.map(named) : [defaultNetwork()];
  const [only] = names;
  const hasMore = Object.keys(NETWORK_FLAGS).some(
    (flag) => flag !== 'network' && flag !== 'net' && options.text(flag) !== undefined,
  );
  if (names.length === 1 && !hasMore && (only === 'none' || only === 'host')) {
    return { network: only, networking: NO_NETWORKING };
  }
  return (load('cli/network/parse-networking.chunk.js') as Chunk).parseNetworking(options, names);
}

/** podman's and docker's words for the network that a container has anyhow. */
function named(name: string): string {
  return name === 'default' || name === 'private' ? DEFAULT_NETWORK : name;
}

function defaultNetwork(): string {
  const variable = environ().find((text) => text.startsWith(DEFAULT_VARIABLE));
  return variable?.slice(DEFAULT_VARIABLE.length) || DEFAULT_NETWORK;
}
