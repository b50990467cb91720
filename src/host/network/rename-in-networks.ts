import { readContainerNetwork, writeContainerNetwork } from './container-network.ts';
import { nameServersOf, updateNames } from './names/name-server.ts';
import { lockNetworks } from './records/lock.ts';
import { readNetwork } from './records/network-records.ts';
import type { NetworkRecord, NetworkRoots } from './types.ts';

/** Has the name server know a container, by its directory, by another name. */
export function renameInNetworks(directory: string, name: string): void {
  const roots = readContainerNetwork(directory)?.roots;
  if (roots === undefined) return;
  // Without the lock, as the name server may take a moment.
  nameServersOf(renameLocked(roots, directory, name), name);
}

function renameLocked(roots: NetworkRoots, directory: string, name: string): readonly NetworkRecord[] {
  using _unlocked = lockNetworks(roots);
  const network = readContainerNetwork(directory);
  // It may have ended before we had the lock.
  if (network === undefined) return [];
  writeContainerNetwork(directory, { ...network, name });
  const records = network.endpoints.flatMap((endpoint) => readNetwork(roots, endpoint.network) ?? []);
  updateNames(roots, records);
  return records;
}
