import { networkModule } from '../../network/networks.ts';
import type { Places } from '../../monitor/places.ts';
import type { ContainerConfig } from '../container-config.ts';
import { networkRoots, type Roots } from '../roots.ts';
import { etcTexts } from './etc-texts.ts';
import type { PreparedNetwork } from './prepare-network.ts';

/** Makes the container's network, publishes its ports, and writes what it finds of it below /etc. */
export function prepareNetwork(roots: Roots, config: ContainerConfig, places: Places): PreparedNetwork {
  const { networks, ports, dns } = config.networking;
  const network = networkModule();
  const joined = network.joinNetworks({
    roots: networkRoots(roots),
    id: config.id,
    name: config.name,
    directory: places.directory,
    networks,
    ports,
    dns,
  });
  return {
    namespace: joined.namespace,
    etc: etcTexts(config, joined),
    spent: [joined.namespace],
    portText: network.portText(joined.network),
    startHelpers: () => network.startForwarder(joined),
  };
}
