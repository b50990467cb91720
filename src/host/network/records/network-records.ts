import { isCortenError } from '../../../pure/base/errors.ts';
import { fits, type Shape } from '../../../pure/base/shape.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import {
  makeDirectories,
  openFile,
  readDirectory,
  readTextIfThere,
  replaceDurably,
} from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';
import { networkError } from '../errors.ts';
import type { NetworkRecord, NetworkRoots } from '../types.ts';
import { networkFolder, RECORD_FILE } from './places.ts';

/** As Docker has it; what begins with a letter or digit can't be a hidden file or a path. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const RESERVED: ReadonlySet<string> = new Set(['none', 'host', 'container', 'default']);

/** What later commands rely on; a damaged disk may have left JSON that is no such record. */
const SHAPE: Shape = {
  version: 1,
  id: '',
  name: '',
  driver: '',
  subnets: [{ subnet: '', gateway: '' }],
  labels: [['']],
  options: [['']],
};

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

/** undefined where there is no such network, or none that was made whole. Throws NETWORK_DAMAGED. */
export function readNetwork(roots: NetworkRoots, name: string): NetworkRecord | undefined {
  if (!NAME.test(name)) return undefined;
  const path = `${networkFolder(roots, name)}/${RECORD_FILE}`;
  const text = readTextIfThere(path);
  // What the machine's end may leave of a file.
  if (text === undefined || text === '') return undefined;
  try {
    const record: unknown = JSON.parse(text);
    if (fits(record, SHAPE)) return record as NetworkRecord;
    throw new TypeError('another shape');
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

/** All networks by name, without those whose record is damaged. */
export function allNetworks(roots: NetworkRoots): readonly NetworkRecord[] {
  return folders(roots)
    .toSorted()
    .flatMap((name) => whole(roots, name) ?? []);
}

/** Removes what a killed command left of a network in the making, or half removed. The caller holds the lock. */
export function sweepUnmade(roots: NetworkRoots): void {
  for (const name of folders(roots)) {
    const path = `${networkFolder(roots, name)}/${RECORD_FILE}`;
    if (NAME.test(name) && (readTextIfThere(path) ?? '') === '') deleteNetwork(roots, name);
  }
}

function exists(path: string): boolean {
  return attempt('access', path, 0) === 0;
}

function folders(roots: NetworkRoots): readonly string[] {
  try {
    return readDirectory(roots.store);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}

function whole(roots: NetworkRoots, name: string): NetworkRecord | undefined {
  try {
    return readNetwork(roots, name);
  } catch (error) {
    if (isCortenError(error) && error.code === 'NETWORK_DAMAGED') return undefined;
    throw error;
  }
}

/** Throws EEXIST where the name is taken. The caller holds the lock. */
export function writeNetwork(roots: NetworkRoots, record: NetworkRecord): void {
  const folder = networkFolder(roots, record.name);
  makeDirectories(roots.store, 0o700);
  const isLeft = exists(folder) && readNetwork(roots, record.name) === undefined;
  // A folder without a record is what a killed command left.
  if (!isLeft) sys('mkdir', folder, 0o700);
  replaceDurably(`${folder}/${RECORD_FILE}`, JSON.stringify(record));
}

export function deleteNetwork(roots: NetworkRoots, name: string): void {
  using folder = openFile(roots.store, O.RDONLY | O.DIRECTORY);
  // Without its record it is no network any more.
  attempt('unlinkat', folder.number, `${name}/${RECORD_FILE}`, 0);
  removeTree(folder.number, name);
}
