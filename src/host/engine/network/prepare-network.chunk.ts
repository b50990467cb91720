import { sys } from '../../kernel/call.ts';
import { readTextIfThere, type Fd } from '../../kernel/files.ts';
import type { Places } from '../../monitor/places.ts';
import { networkModule } from '../../network/networks.ts';
import type { ContainerConfig } from '../container-config.ts';
import { findContainer } from '../find-container.ts';
import { networkRoots, type Roots } from '../roots.ts';
import { etcTexts } from './etc-texts.ts';
import { requireNetworkNamespace } from './network-namespace.ts';
import type { PreparedNetwork } from './prepare-network.ts';

/** Makes the container's network, publishes its ports, and writes what it finds of it below /etc. */
export function prepareNetwork(roots: Roots, config: ContainerConfig, places: Places): PreparedNetwork {
  if (config.network === 'container') return shareNetwork(roots, config);
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
    namespace: pathOf(joined.namespace, config),
    etc: etcTexts(config, joined),
    events: joined.network.endpoints.map((one) =>
      network.networkEvent(
        'connect',
        { name: one.network, id: one.networkId, driver: one.driver },
        config.id,
      ),
    ),
    spent: [joined.namespace],
    portText: network.portText(joined.network),
    serve: () => ({ helpers: network.startForwarder(joined), watch: network.watchFirewall() }),
  };
}

const SHARED_FILES = ['hosts', 'hostname', 'resolv.conf'];

/** The other container's network, and what it has of it below /etc. */
function shareNetwork(roots: Roots, config: ContainerConfig): PreparedNetwork {
  const { networking } = config;
  const other = findContainer(roots, networking.container ?? '');
  const namespace = requireNetworkNamespace(other);
  const texts = SHARED_FILES.flatMap((name): readonly (readonly [string, string])[] => {
    const text = readTextIfThere(`${other.directory}/${name}`);
    return text === undefined ? [] : [[name, text]];
  });
  const path = pathOf(namespace, config);
  return {
    namespace: path,
    etc: new Map(texts),
    events: [],
    spent: [namespace],
    portText: '',
    serve: () => ({ helpers: [], watch: undefined }),
  };
}

/** Init has our descriptors until it executes its program; another runtime has not, and needs our number. */
function pathOf(namespace: Fd, { settings }: ContainerConfig): string {
  const process = settings?.runtime === undefined ? 'self' : String(sys('getpid'));
  return `/proc/${process}/fd/${namespace.number}`;
}
