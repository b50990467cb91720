import type { Places } from '../monitor/places.ts';
import { connectNetwork as connect, disconnectNetwork as disconnect } from '../network/connect-network.ts';
import { networkError } from '../network/errors.ts';
import { findNetwork } from '../network/manage-networks.ts';
import { networkEvent } from '../network/network-event.ts';
import type { NetworkWish } from '../network/types.ts';
import { readConfig, replaceConfig, type ContainerConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { engineError } from './errors.ts';
import { addNameServer, removeNameServer } from './network/resolv-conf.ts';
import { openNetworkNamespace } from './network/network-namespace.ts';
import { recordStoreEvent } from './record-event.ts';
import { networkRoots, type Roots } from './roots.ts';

/**
 * Joins a container with one more network, at once if it runs, else from its next start on. Throws
 * ENGINE_NETWORK_FIXED, NETWORK_CONNECTED and what joining throws.
 */
export function connectNetwork(roots: Roots, places: Places, wanted: NetworkWish): void {
  const place = networkRoots(roots);
  const record = findNetwork(place, wanted.network);
  const wish = { ...wanted, network: record.name };
  const config = requireOwnNetworks(places);
  const { networks } = config.networking;
  if (networks.some(({ network }) => network === wish.network)) {
    throw networkError(
      'NETWORK_CONNECTED',
      `The container ${places.name} is in the network ${wish.network} already`,
    );
  }
  using namespace = openNetworkNamespace(places);
  if (namespace !== undefined) {
    const server = connect({ roots: place, directory: places.directory, namespace }, wish);
    if (server !== undefined) addNameServer(`${places.directory}/resolv.conf`, server);
  }
  const networking = { ...config.networking, networks: [...networks, wish] };
  replaceConfig(places.directory, { ...config, networking });
  recordStoreEvent(roots, networkEvent('connect', record, config.id));
}

/** Takes a container out of a network. Throws NETWORK_NOT_CONNECTED. */
export function disconnectNetwork(roots: Roots, places: Places, wanted: string): void {
  const place = networkRoots(roots);
  const record = findNetwork(place, wanted);
  const { name } = record;
  const config = requireOwnNetworks(places);
  const networks = config.networking.networks.filter(({ network }) => network !== name);
  if (networks.length === config.networking.networks.length) {
    throw networkError('NETWORK_NOT_CONNECTED', `The container ${places.name} is not in the network ${name}`);
  }
  using namespace = openNetworkNamespace(places);
  if (namespace !== undefined) {
    const server = disconnect({ roots: place, directory: places.directory, namespace }, name);
    if (server !== undefined) removeNameServer(`${places.directory}/resolv.conf`, server);
  }
  replaceConfig(places.directory, { ...config, networking: { ...config.networking, networks } });
  recordStoreEvent(roots, networkEvent('disconnect', record, config.id));
}

function requireOwnNetworks(places: Places): ContainerConfig {
  using directory = openContainer(places);
  if (directory === undefined) {
    throw engineError('ENGINE_CONTAINER_NOT_FOUND', `There is no container "${places.name}" any more`);
  }
  const config = readConfig(directory.number, places.name);
  if (config.network === 'networks') return config;
  const kind =
    config.network === 'container' ? "another container's network" : `the network ${config.network}`;
  const text = `The container ${places.name} has ${kind}, so that it can be in no other: run it with --network NAME`;
  throw engineError('ENGINE_NETWORK_FIXED', text);
}
