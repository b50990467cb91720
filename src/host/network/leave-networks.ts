import { forget } from './records/forget.ts';
import { isHeld, readContainerNetwork } from './container-network.ts';
import { lockNetworks } from './records/lock.ts';
import { reservedAddresses } from './records/addresses.ts';
import { sweepLater } from './sweep-networks.ts';
import type { Endpoint, NetworkRoots } from './types.ts';

/**
 * Gives back all that a container has of networks: ports, addresses, names. Without a file `network` in its directory
 * there is nothing to do. What it was in is returned. What networks without containers still have goes a little later, by a process of its own.
 */
export function leaveNetworks(directory: string): readonly Endpoint[] {
  const network = readContainerNetwork(directory);
  if (network === undefined) return [];
  const { roots, endpoints } = network;
  {
    using _unlocked = lockNetworks(roots);
    forget(network, directory);
  }
  if (
    endpoints.length === 0 ||
    endpoints.some(({ driver, network: name }) => driver !== 'cni' && !isHeldByAny(roots, name))
  )
    sweepLater(roots);
  return endpoints;
}

/** Whether a monitor lives whose container is in the network: those that were killed leave nobody to sweep. */
function isHeldByAny(roots: NetworkRoots, network: string): boolean {
  return reservedAddresses(roots, network).some(({ directory }) => isHeld(directory));
}
