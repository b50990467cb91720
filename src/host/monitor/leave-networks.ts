import { isInNetworks, networkModule } from '../network/networks.ts';
import type { NewEvent } from './events.ts';
import type { Places } from './places.ts';

/** Gives back what a container or pod has of networks, if anything; the events of it. */
export function leaveNetworks({ directory, id }: Places): readonly NewEvent[] {
  if (!isInNetworks(directory)) return [];
  const network = networkModule();
  return network
    .leaveNetworks(directory)
    .map((one) =>
      network.networkEvent('disconnect', { name: one.network, id: one.networkId, driver: one.driver }, id),
    );
}
