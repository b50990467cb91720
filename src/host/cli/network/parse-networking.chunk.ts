import { formatAddress, parseAddress } from '../../../pure/base/ip-address.ts';
import { exposedPort } from '../../engine/networking.ts';
import { isOfUser } from '../../engine/as-user.ts';
import type { Network } from '../../engine/run-request.ts';
import type { NetworkWish } from '../../network/types.ts';
import { usageError } from '../corten-context.ts';
import type { NetworkChoice } from '../corten-network-flags.ts';
import type { Options } from '../options.ts';
import { parsePublish } from './parse-publish.ts';

const CONTAINER = 'container:';

/** What the flags about networks ask for. */
export function parseNetworking(options: Options, names: readonly string[]): NetworkChoice {
  const network = kindOf(names);
  const isOwn = network === 'networks';
  if (isOfUser()) refuseForUser(options, network, names);
  if (network === 'container' || network === 'host') refuseOwn(options, names[0] ?? '');
  const [container] = names.filter((name) => name.startsWith(CONTAINER));
  return {
    network,
    networking: {
      networks: isOwn ? wishesFrom(options, names) : [],
      ...(container === undefined ? {} : { container: container.slice(CONTAINER.length) }),
      ports: isOwn ? options.list('publish').flatMap(parsePublish) : [],
      exposed: options.list('expose').flatMap(exposedFrom),
      isAllPublished: isOwn && options.isOn('publish-all'),
      dns: options.list('dns').map(serverFrom),
      dnsSearch: options.list('dns-search'),
      dnsOptions: [...options.list('dns-option'), ...options.list('dns-opt')],
      hosts: options.list('add-host').map(hostFrom),
    },
  };
}

function kindOf(names: readonly string[]): Network {
  const alone = names.find((name) => name === 'none' || name === 'host' || name.startsWith(CONTAINER));
  if (alone === undefined) return 'networks';
  if (names.length > 1) throw usageError(`The network ${alone} can't be joined with others: leave those out`);
  return alone === 'none' || alone === 'host' ? alone : 'container';
}

/** Bridges, and ports of the machine that lead into a network of one's own, are root's. */
function refuseForUser(options: Options, network: Network, [name = '']: readonly string[]): void {
  if (network === 'networks') {
    const text = `The network of a container of a user other than root is none, host or container:NAME, not "${name}"`;
    throw usageError(text);
  }
  if (network === 'host' || (options.list('publish').length === 0 && !options.isOn('publish-all'))) return;
  throw usageError(
    'Ports of a container of a user other than root are the machine’s with --network host alone',
  );
}

/** What only makes sense for a network of the container's own. */
function refuseOwn(options: Options, name: string): void {
  const flag = ['ip', 'ip6', 'mac-address', 'network-alias', 'net-alias'].find(
    (one) => options.text(one) !== undefined,
  );
  if (flag === undefined) return;
  throw usageError(
    `The flag --${flag} needs a network of the container's own, which --network ${name} is not`,
  );
}

/** An address, and an interface's, are for the first network. */
function wishesFrom(options: Options, names: readonly string[]): readonly NetworkWish[] {
  const aliases = [...options.list('network-alias'), ...options.list('net-alias')].map(checkedAlias);
  return names.map((text, index) =>
    index === 0 ? wishFrom(options, text, aliases) : parseWish(text, { aliases }),
  );
}

/** What --ip, --ip6 and --mac-address say of a network. */
export function wishFrom(options: Options, text: string, aliases: readonly string[]): NetworkWish {
  const [address4, address6] = [addressFrom(options, 'ip', 4), addressFrom(options, 'ip6', 6)];
  const mac = macFrom(options.text('mac-address'));
  return parseWish(text, {
    aliases: aliases.map(checkedAlias),
    ...(address4 === undefined ? {} : { address4 }),
    ...(address6 === undefined ? {} : { address6 }),
    ...(mac === undefined ? {} : { mac }),
  });
}

/** A name server's file has a line for each container, with blanks and commas between its parts. */
function checkedAlias(text: string): string {
  if (/^[a-zA-Z0-9_.-]{1,253}$/.test(text)) return text;
  throw usageError(`The alias "${text}" is no name of a host: use letters, digits and _ . -`);
}

/** `NAME`, or `name=NAME,ip=ADDRESS,alias=NAME` as Docker has it, or `NAME:ip=ADDRESS` as podman has. */
function parseWish(text: string, common: Omit<NetworkWish, 'network'>): NetworkWish {
  const isLong = /^(name|alias|ip|ip6|mac-address|driver-opt)=/.test(text);
  const [head, tail] = isLong ? ['', text] : text.startsWith('cni:') ? [text] : splitOnce(text, ':');
  let wish: NetworkWish = { network: head, ...common };
  for (const part of tail === undefined || tail === '' ? [] : tail.split(','))
    wish = withPart(wish, part, text);
  if (wish.network !== '') return wish;
  throw usageError(`The flag --network needs a name, which "${text}" lacks`);
}

function withPart(wish: NetworkWish, part: string, text: string): NetworkWish {
  const [key, value = ''] = splitOnce(part, '=');
  switch (key) {
    case 'name':
      return { ...wish, network: value };
    case 'alias':
      return { ...wish, aliases: [...wish.aliases, checkedAlias(value)] };
    case 'ip':
      return { ...wish, address4: requireAddress(value, 4, '--network') };
    case 'ip6':
      return { ...wish, address6: requireAddress(value, 6, '--network') };
    case 'mac':
    case 'mac-address':
      return { ...wish, mac: requireMac(value) };
    default:
      throw usageError(
        `The flag --network takes name, alias, ip, ip6 and mac-address, not "${part}" as in "${text}"`,
      );
  }
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function addressFrom(options: Options, flag: string, family: 4 | 6): string | undefined {
  const text = options.text(flag);
  return text === undefined ? undefined : requireAddress(text, family, `--${flag}`);
}

function requireAddress(text: string, family: 4 | 6, flag: string): string {
  const address = parseAddress(text);
  if (address?.family === family) return formatAddress(address);
  throw usageError(`The flag ${flag} takes an IPv${family} address, not "${text}"`);
}

function macFrom(text: string | undefined): string | undefined {
  return text === undefined ? undefined : requireMac(text);
}

/** Of one interface: the lowest bit of the first byte is that of groups. */
function requireMac(text: string): string {
  const mac = text.toLowerCase().replaceAll('-', ':');
  const isValid = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) && mac !== '00:00:00:00:00:00';
  if (isValid && (parseInt(mac.slice(0, 2), 16) & 1) === 0) return mac;
  throw usageError(
    `The flag --mac-address takes an address as 02:42:ac:11:00:02, and none of a group, not "${text}"`,
  );
}

function exposedFrom(text: string): ReturnType<typeof exposedPort> {
  const ports = exposedPort(text);
  if (ports.length > 0) return ports;
  throw usageError(`The flag --expose takes a port as 80, 80/udp or 80-90, not "${text}"`);
}

function serverFrom(text: string): string {
  const address = parseAddress(text);
  if (address !== undefined) return formatAddress(address);
  throw usageError(`The flag --dns takes the address of a name server, not "${text}"`);
}

/** `NAME:ADDRESS`, or with `=`; an address of IPv6 may stand in brackets. */
function hostFrom(text: string): readonly [string, string] {
  const at = text.search(/[:=]/);
  const [name, rest] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  const inner = /^\[(.*)\]$/.exec(rest)?.[1] ?? rest;
  const address = parseAddress(inner);
  const isName = /^[a-zA-Z0-9_.-]+$/.test(name);
  if (isName && inner === 'host-gateway') return [name, inner];
  if (isName && address !== undefined) return [name, formatAddress(address)];
  throw usageError(`The flag --add-host takes NAME:ADDRESS or NAME:host-gateway, not "${text}"`);
}
