import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import {
  makeDirectories,
  openFile,
  readDirectory,
  readTextIfThere,
  replaceFile,
} from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { networkError } from '../errors.ts';
import type { NetworkRecord, NetworkRoots } from '../types.ts';
import { networkFolder, RECORD_FILE } from './places.ts';

/** As Docker has it; what begins with a letter or digit can't be a hidden file or a path. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const RESERVED: ReadonlySet<string> = new Set(['none', 'host', 'container', 'default']);

export function checkNetworkName(name: string): void {
  if (RESERVED.has(name)) {
    throw networkError(
      'NETWORK_NAME_INVALID',
      `The name "${name}" means something else of a network: choose another`,
    );
  }
  if (NAME.test(name)) return;
  const text = `The network's name "${name.slice(0, 128)}" is invalid: use letters, digits and _ . - with a letter or digit first`;
  throw networkError('NETWORK_NAME_INVALID', text);
}

/** undefined where there is no such network, or none that was made whole. */
export function readNetwork(roots: NetworkRoots, name: string): NetworkRecord | undefined {
  if (!NAME.test(name)) return undefined;
  const path = `${networkFolder(roots, name)}/${RECORD_FILE}`;
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as NetworkRecord;
  } catch (error) {
    throw networkError(
      'NETWORK_DAMAGED',
      `The file ${path} is damaged: remove the network by corten network rm ${name}`,
      error,
    );
  }
}

export function requireNetwork(roots: NetworkRoots, name: string): NetworkRecord {
  const record = readNetwork(roots, name) ?? byId(roots, name);
  if (record !== undefined) return record;
  const text = `There is no network "${name}": corten network ls lists them, corten network create ${name} makes one`;
  throw networkError('NETWORK_NOT_FOUND', text);
}

function byId(roots: NetworkRoots, wanted: string): NetworkRecord | undefined {
  if (!/^[0-9a-f]{6,64}$/.test(wanted)) return undefined;
  const found = allNetworks(roots).filter(({ id }) => id.startsWith(wanted));
  return found.length === 1 ? found[0] : undefined;
}

/** All networks by name. */
export function allNetworks(roots: NetworkRoots): readonly NetworkRecord[] {
  try {
    return readDirectory(roots.store)
      .toSorted()
      .flatMap((name) => readNetwork(roots, name) ?? []);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Throws EEXIST where the name is taken. */
export function writeNetwork(roots: NetworkRoots, record: NetworkRecord): void {
  const folder = networkFolder(roots, record.name);
  makeDirectories(roots.store, 0o700);
  sys('mkdir', folder, 0o700);
  replaceFile(`${folder}/${RECORD_FILE}`, JSON.stringify(record));
}

export function deleteNetwork(roots: NetworkRoots, name: string): void {
  using folder = openFile(roots.store, O.RDONLY | O.DIRECTORY);
  // Without its record it is no network any more.
  attempt('unlinkat', folder.number, `${name}/${RECORD_FILE}`, 0);
  removeTree(folder.number, name);
}
