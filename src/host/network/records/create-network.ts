import {
  contains,
  formatAddress,
  formatSubnet,
  parseAddress,
  parseSubnet,
  plus,
  type Subnet,
} from '../../../pure/base/ip-address.ts';
import { isSysError, sys } from '../../kernel/call.ts';
import { networkError } from '../errors.ts';
import { MACVLAN_MODES } from '../netlink/links.ts';
import type { Driver, NetworkRecord, NetworkRoots, NetworkSubnet } from '../types.ts';
import { chooseSubnet, chooseSubnet6, refuseTaken } from './choose-subnet.ts';
import { DEFAULT_NETWORK } from '../default-network.ts';
import { checkNetworkName, readNetwork, writeNetwork } from './network-records.ts';

export interface NewNetwork {
  readonly name: string;
  readonly driver: Driver;
  /** In one order: a gateway and a range belong to the subnet that they lie in. */
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  readonly ranges: readonly string[];
  readonly isInternal: boolean;
  readonly hasIpv6: boolean;
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly options: readonly (readonly [key: string, value: string])[];
}

const SMALLEST: Readonly<Record<4 | 6, number>> = { 4: 30, 6: 126 };

/** Puts a network on record; its interfaces come with its first container. The caller holds the lock. */
export function createNetwork(roots: NetworkRoots, wanted: NewNetwork): NetworkRecord {
  checkNetworkName(wanted.name);
  checkOptions(wanted);
  const record: NetworkRecord = {
    version: 1,
    id: randomHex(),
    name: wanted.name,
    created: new Date().toISOString(),
    driver: wanted.driver,
    subnets: subnetsOf(roots, wanted),
    isInternal: wanted.isInternal,
    hasNames: wanted.driver === 'bridge' && wanted.name !== DEFAULT_NETWORK,
    labels: wanted.labels,
    options: wanted.options,
  };
  try {
    writeNetwork(roots, record);
  } catch (error) {
    if (!isSysError(error, 'EEXIST')) throw error;
    const text = `There is a network "${wanted.name}" already: choose another name, or remove it by corten network rm ${wanted.name}`;
    throw networkError('NETWORK_EXISTS', text, error);
  }
  return record;
}

/** The network of whoever asks for none. The caller holds the lock. */
export function requireDefaultNetwork(roots: NetworkRoots): NetworkRecord {
  const none = { subnets: [], gateways: [], ranges: [], labels: [], options: [] };
  return (
    readNetwork(roots, DEFAULT_NETWORK) ??
    createNetwork(roots, {
      name: DEFAULT_NETWORK,
      driver: 'bridge',
      isInternal: false,
      hasIpv6: false,
      ...none,
    })
  );
}

export function randomHex(): string {
  const random = new Uint8Array(32);
  sys('getrandom', random, random.length, 0);
  return (random as Uint8Array & { toHex(): string }).toHex();
}

function subnetsOf(roots: NetworkRoots, wanted: NewNetwork): readonly NetworkSubnet[] {
  const { gateways, ranges, hasIpv6, name } = wanted;
  const given = wanted.subnets.map((text) => checkedSubnet(roots, wanted, text));
  for (const family of [4, 6] as const) {
    if (given.filter(({ base }) => base.family === family).length > 1) {
      throw invalidSubnet(`A network has one IPv${family} subnet, and two are given: make two networks`);
    }
  }
  const subnets = given.map((subnet) => withParts(subnet, gateways, ranges));
  const lost = [...gateways, ...ranges].find((part) => !given.some((subnet) => isPartOf(subnet, part)));
  if (lost !== undefined) throw invalidSubnet(`"${lost}" lies in no subnet that is given by --subnet`);
  const has4 = given.some(({ base }) => base.family === 4);
  const has6 = given.some(({ base }) => base.family === 6);
  const [first] = has4 ? [] : [chooseSubnet(roots, name === DEFAULT_NETWORK)];
  const extra = hasIpv6 && !has6 ? [chooseSubnet6()] : [];
  return [...(first === undefined ? [] : [first]), ...subnets, ...extra].toSorted(
    (a, b) => Number(a.subnet.includes(':')) - Number(b.subnet.includes(':')),
  );
}

function checkedSubnet(roots: NetworkRoots, { driver }: NewNetwork, text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet === undefined)
    throw invalidSubnet(`"${text}" is no subnet: give one as 10.1.2.0/24 or fd00:1::/64`);
  if (formatSubnet(subnet) !== text && parseAddress(text.split('/')[0] ?? '')?.value !== subnet.base.value) {
    throw invalidSubnet(
      `The subnet ${text} has bits set behind its prefix: did you mean ${formatSubnet(subnet)}?`,
    );
  }
  if (subnet.prefix > SMALLEST[subnet.base.family] || subnet.prefix === 0) {
    throw invalidSubnet(`The subnet ${text} has no room for a gateway and containers: give a smaller prefix`);
  }
  refuseTaken(roots, subnet, driver);
  return subnet;
}

function withParts(subnet: Subnet, gateways: readonly string[], ranges: readonly string[]): NetworkSubnet {
  const own = gateways.filter((text) => isPartOf(subnet, text));
  const parts = ranges.filter((text) => isPartOf(subnet, text));
  if (own.length > 1 || parts.length > 1) {
    throw invalidSubnet(
      `The subnet ${formatSubnet(subnet)} has one gateway and one range: leave the others out`,
    );
  }
  const gateway = parseAddress(own[0] ?? '') ?? plus(subnet.base, 1);
  const range = parseSubnet(parts[0] ?? '');
  return {
    subnet: formatSubnet(subnet),
    gateway: formatAddress(gateway),
    ...(range === undefined ? {} : { range: formatSubnet(range) }),
  };
}

/** Of an address, or of a smaller subnet. */
function isPartOf(subnet: Subnet, text: string): boolean {
  const address = parseAddress(text);
  if (address !== undefined) return contains(subnet, address) && address.value !== subnet.base.value;
  const part = parseSubnet(text);
  return part !== undefined && part.prefix >= subnet.prefix && contains(subnet, part.base);
}

const OPTIONS: Readonly<Record<Driver, ReadonlySet<string>>> = {
  bridge: new Set(['mtu', 'com.docker.network.driver.mtu']),
  cni: new Set(),
  macvlan: new Set(['mtu', 'com.docker.network.driver.mtu', 'parent', 'mode', 'macvlan_mode']),
};

function checkOptions({ driver, options }: NewNetwork): void {
  for (const [key, value] of options) {
    if (!OPTIONS[driver].has(key)) {
      const known = [...OPTIONS[driver]].join(', ');
      throw invalidOption(
        `The option "${key}" is unknown to networks of the driver ${driver}: it takes ${known}`,
      );
    }
    if (key.endsWith('mtu') && !/^[1-9]\d{1,4}$/.test(value)) {
      throw invalidOption(`The option ${key} takes a number of bytes, not "${value}"`);
    }
    if (key.endsWith('mode') && !Object.hasOwn(MACVLAN_MODES, value)) {
      throw invalidOption(`The option ${key} takes ${Object.keys(MACVLAN_MODES).join(', ')}, not "${value}"`);
    }
  }
  if (driver === 'macvlan' && !options.some(([key]) => key === 'parent')) {
    throw invalidOption('A macvlan network shares an interface of the host: name it by --opt parent=NAME');
  }
}

/** The last value of the first of the options that is there. */
export function optionOf({ options }: NetworkRecord, ...keys: readonly string[]): string | undefined {
  return options.findLast(([key]) => keys.includes(key))?.[1];
}

export function mtuOf(record: NetworkRecord): number | undefined {
  const text = optionOf(record, 'mtu', 'com.docker.network.driver.mtu');
  return text === undefined ? undefined : Number(text);
}

function invalidSubnet(text: string): Error {
  return networkError('NETWORK_SUBNET_INVALID', text);
}

function invalidOption(text: string): Error {
  return networkError('NETWORK_OPTION_INVALID', text);
}
