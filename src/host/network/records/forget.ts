import { cniModule } from '../cni/cni.ts';
import { elementsOfPorts } from '../firewall/elements-of.ts';
import { Firewall } from '../firewall/firewall.ts';
import type { ContainerNetwork } from '../types.ts';
import { releaseAddress, reservedAddresses } from './addresses.ts';
import { deleteContainerNetwork } from '../container-network.ts';
import { updateNames } from '../names/name-server.ts';
import { allNetworks, readNetwork } from './network-records.ts';
import { tableName } from './places.ts';

/** Removes all that stands for a container's part in networks; its file goes last. The caller holds the lock. */
export function forget(network: ContainerNetwork, directory: string): void {
  const { roots, id, endpoints, ports } = network;
  const elements = elementsOfPorts(network);
  if (elements.length > 0) {
    using firewall = new Firewall(tableName(roots));
    firewall.remove(elements);
  }
  for (const { cni: state, inside } of endpoints) {
    if (state !== undefined) cniModule().removeByCni({ state, container: id, namespace: '', inside, ports });
  }
  for (const endpoint of endpoints) {
    for (const { address } of endpoint.addresses) releaseAddress(roots, endpoint.network, address);
  }
  if (endpoints.length === 0) releaseUnrecorded(network, directory);
  deleteContainerNetwork(directory);
  updateNames(
    roots,
    endpoints.flatMap((endpoint) => readNetwork(roots, endpoint.network) ?? []),
  );
}

/** A start that was killed has addresses that it never wrote down. */
function releaseUnrecorded({ roots }: ContainerNetwork, directory: string): void {
  for (const { name } of allNetworks(roots)) {
    for (const reserved of reservedAddresses(roots, name)) {
      if (reserved.directory === directory) releaseAddress(roots, name, reserved.address);
    }
  }
}
