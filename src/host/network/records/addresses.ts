import {
  contains,
  formatAddress,
  lastOf,
  parseAddress,
  parseSubnet,
  plus,
  type IpAddress,
  type Subnet,
} from '../../../pure/base/ip-address.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import {
  createFile,
  makeDirectories,
  readDirectory,
  readTextIfThere,
  replaceFile,
} from '../../kernel/files.ts';
import { networkError } from '../errors.ts';
import type { NetworkRecord, NetworkRoots, NetworkSubnet } from '../types.ts';
import { addressFolder, LAST_FILE } from './places.ts';

/** Who takes an address. */
export interface Taker {
  readonly roots: NetworkRoots;
  readonly network: NetworkRecord;
  /** The container's directory. */
  readonly directory: string;
}

/**
 * Reserves an address: the one that is wanted, or one that is free. A file made whole and exclusively stands for it,
 * so that no two processes ever take one.
 */
export function reserveAddress(taker: Taker, subnet: NetworkSubnet, wanted: string | undefined): IpAddress {
  const folder = addressFolder(taker.roots, taker.network.name);
  makeDirectories(folder, 0o700);
  if (wanted !== undefined) return reserveWanted(taker, subnet, wanted);
  const { first, last } = boundsOf(subnet);
  const family = first.family;
  const taken = new Set(readDirectory(folder));
  const before = parseAddress(readTextIfThere(`${folder}/${LAST_FILE}${family}`) ?? '');
  const isAfter = before !== undefined && before.value >= first.value && before.value < last.value;
  let address = isAfter ? plus(before, 1) : first;
  const count = last.value - first.value + 1n;
  for (let tries = 0n; tries < count; tries++) {
    const text = formatAddress(address);
    if (text !== subnet.gateway && !taken.has(text) && reserve(folder, text, taker.directory)) {
      replaceFile(`${folder}/${LAST_FILE}${family}`, text);
      return address;
    }
    address = address.value === last.value ? first : plus(address, 1);
  }
  const text = `The network ${taker.network.name} has no free address left in ${subnet.range ?? subnet.subnet}: remove containers, or make a larger network`;
  throw networkError('NETWORK_FULL', text);
}

function reserveWanted(
  { roots, network, directory }: Taker,
  subnet: NetworkSubnet,
  wanted: string,
): IpAddress {
  const address = parseAddress(wanted);
  const { all } = boundsOf(subnet);
  if (address === undefined || !contains(all, address) || isNobodys(all, address)) {
    const text = `The address ${wanted} is none of the network ${network.name}'s: its subnet is ${subnet.subnet}`;
    throw networkError('NETWORK_ADDRESS_INVALID', text);
  }
  const canonical = formatAddress(address);
  if (canonical === subnet.gateway || !reserve(addressFolder(roots, network.name), canonical, directory)) {
    const text = `The address ${canonical} is taken in the network ${network.name}: choose another, or leave it to corten`;
    throw networkError('NETWORK_ADDRESS_TAKEN', text);
  }
  return address;
}

/** The network's own address, and with IPv4 that of all its machines at once. */
function isNobodys(subnet: Subnet, { family, value }: IpAddress): boolean {
  return value === subnet.base.value || (family === 4 && value === lastOf(subnet).value);
}

interface Bounds {
  readonly all: Subnet;
  readonly first: IpAddress;
  readonly last: IpAddress;
}

function boundsOf({ subnet, range }: NetworkSubnet): Bounds {
  const all = parseSubnet(subnet);
  const part = parseSubnet(range ?? subnet);
  if (all === undefined || part === undefined) throw new RangeError(`no subnet: ${subnet}`);
  const [low, high] = [part.base, lastOf(part)];
  return {
    all,
    first: isNobodys(all, low) ? plus(low, 1) : low,
    last: isNobodys(all, high) ? plus(high, -1) : high,
  };
}

/** Under another name first, so that nobody sees a file that doesn't say whose it is; false where it is taken. */
function reserve(folder: string, address: string, directory: string): boolean {
  const [temporary, path] = [`${folder}/${address}.new`, `${folder}/${address}`];
  attempt('unlink', temporary);
  createFile(temporary, directory);
  try {
    sys('linkat', -100, temporary, -100, path, 0);
    return true;
  } catch (error) {
    if (!isSysError(error, 'EEXIST')) throw error;
    return false;
  } finally {
    attempt('unlink', temporary);
  }
}

export function releaseAddress(roots: NetworkRoots, network: string, address: string): void {
  attempt('unlink', `${addressFolder(roots, network)}/${address}`);
}

export interface Reserved {
  readonly address: string;
  /** The directory of the container that has it. */
  readonly directory: string;
}

/** Every address in use. */
export function reservedAddresses(roots: NetworkRoots, network: string): readonly Reserved[] {
  const folder = addressFolder(roots, network);
  try {
    return readDirectory(folder)
      .filter((name) => parseAddress(name) !== undefined)
      .flatMap((address) => {
        const directory = readTextIfThere(`${folder}/${address}`);
        return directory === undefined ? [] : [{ address, directory }];
      });
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Whether no container has an address in the network. */
export function isUnused(roots: NetworkRoots, network: string): boolean {
  try {
    return readDirectory(addressFolder(roots, network)).every((name) => parseAddress(name) === undefined);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return true;
    throw error;
  }
}
