import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { createFile, makeDirectories, readDirectory, readTextIfThere } from '../../kernel/files.ts';
import { readContainerNetwork } from '../container-network.ts';
import { reservedAddresses } from '../records/addresses.ts';
import { namesFolder } from '../records/places.ts';
import type { ContainerNetwork, Endpoint, NetworkRecord, NetworkRoots } from '../types.ts';

export const PID_FILE = 'aardvark.pid';
const SHORT_ID = 12;
/** A resolver that nobody is: what is in internal networks alone asks nobody outside. */
const NOBODY = '127.255.255.255';

/**
 * Writes what the name server has to know of a network: a line with the addresses where it listens, and one for each
 * container (aardvark-dns, config/mod.rs). Whether anything changed.
 */
export function writeNames(roots: NetworkRoots, record: NetworkRecord): boolean {
  const path = `${namesFolder(roots)}/${record.id}`;
  const lines = linesOf(roots, record);
  const before = readTextIfThere(path);
  if (lines.length === 0) {
    attempt('unlink', path);
    return before !== undefined;
  }
  const gateways = record.subnets.map(({ gateway }) => gateway);
  const text = `${[gateways.join(','), ...lines].join('\n')}\n`;
  if (text === before) return false;
  makeDirectories(namesFolder(roots), 0o700);
  // Beside the directory: the server reads every file in it.
  const temporary = `${roots.run}/.names.new`;
  attempt('unlink', temporary);
  createFile(temporary, text);
  sys('rename', temporary, path);
  return true;
}

/** Whether any network has a file. */
export function hasNames(roots: NetworkRoots): boolean {
  try {
    return readDirectory(namesFolder(roots)).some((name) => name !== PID_FILE);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return false;
    throw error;
  }
}

export function readServerPid(roots: NetworkRoots): number {
  return Number(readTextIfThere(`${namesFolder(roots)}/${PID_FILE}`) ?? 0);
}

function linesOf(roots: NetworkRoots, { id, name }: NetworkRecord): readonly string[] {
  const directories = new Set(reservedAddresses(roots, name).map(({ directory }) => directory));
  return [...directories].flatMap((directory) => {
    const network = readContainerNetwork(directory);
    const endpoint = network?.endpoints.find(({ networkId }) => networkId === id);
    return network === undefined || endpoint === undefined ? [] : [lineOf(network, endpoint)];
  });
}

function lineOf(network: ContainerNetwork, { addresses, aliases }: Endpoint): string {
  const of = (isV6: boolean): string =>
    addresses
      .filter(({ address }) => address.includes(':') === isV6)
      .map(({ address }) => address)
      .join(',');
  const names = new Set([network.name, ...aliases, network.id.slice(0, SHORT_ID)]);
  const hasWayOut = network.endpoints.some((one) =>
    one.addresses.some(({ gateway }) => gateway !== undefined),
  );
  const servers = hasWayOut ? network.dns : [NOBODY];
  return [
    network.id,
    of(false),
    of(true),
    [...names].join(','),
    ...(servers.length === 0 ? [] : [servers.join(',')]),
  ].join(' ');
}
