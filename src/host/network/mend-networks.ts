import { inBackground } from './background.ts';
import { guardedInterfaces } from './bridge/forwarding.ts';
import { readContainerNetwork } from './container-network.ts';
import { elementsOfNetwork, elementsOfPorts } from './firewall/elements-of.ts';
import { Firewall, guardedElement } from './firewall/firewall.ts';
import { isUnused, reservedAddresses } from './records/addresses.ts';
import { lockNetworks } from './records/lock.ts';
import { allNetworks } from './records/network-records.ts';
import { tableName } from './records/places.ts';
import type { ContainerNetwork, NetworkRoots } from './types.ts';

/** Looks, in a process of its own, whether the firewall is whole, for a container by its directory. */
export function mendLater(directory: string): void {
  const network = readContainerNetwork(directory);
  if (network !== undefined) inBackground(() => mend(network.roots));
}

/** Makes the firewall's table anew, of what is on record, if somebody has removed it or a part of it. */
function mend(roots: NetworkRoots): void {
  using _unlocked = lockNetworks(roots);
  using firewall = new Firewall(tableName(roots));
  const used = allNetworks(roots).filter(({ name }) => !isUnused(roots, name));
  if (used.length === 0 || firewall.isWhole()) return;
  const directories = new Set(
    used.flatMap(({ name }) => reservedAddresses(roots, name).map(({ directory }) => directory)),
  );
  const containers = [...directories].flatMap((directory): readonly ContainerNetwork[] => {
    const network = readContainerNetwork(directory);
    return network === undefined ? [] : [network];
  });
  firewall.removeTable();
  firewall.add([
    ...guardedInterfaces(roots).map(guardedElement),
    ...used.flatMap((record) => elementsOfNetwork(roots, record)),
    ...containers.flatMap(elementsOfPorts),
  ]);
}
