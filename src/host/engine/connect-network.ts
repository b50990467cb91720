import { isCortenError } from '../../pure/base/errors.ts';
import type { Places } from '../monitor/places.ts';
import { connectNetwork as connect, disconnectNetwork as disconnect } from '../network/connect-network.ts';
import { networkError, type NetworkErrorCode } from '../network/errors.ts';
import { findNetwork } from '../network/manage-networks.ts';
import { networkEvent } from '../network/network-event.ts';
import type { NetworkWish } from '../network/types.ts';
import { changeConfig } from './change-config.ts';
import type { ContainerConfig } from './container-config.ts';
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
  const id = changeNetworks(places, (networks) => {
    if (networks.some(({ network }) => network === wish.network)) {
      throw networkError(
        'NETWORK_CONNECTED',
        `The container ${places.name} is in the network ${wish.network} already`,
      );
    }
    using namespace = openNetworkNamespace(places);
    const running = namespace && { roots: place, directory: places.directory, namespace };
    const server = running && unlessDone('NETWORK_CONNECTED', () => connect(running, wish));
    if (server !== undefined) addNameServer(`${places.directory}/resolv.conf`, server);
    return [...networks, wish];
  });
  recordStoreEvent(roots, networkEvent('connect', record, id));
}

/** Takes a container out of a network. Throws NETWORK_NOT_CONNECTED. */
export function disconnectNetwork(roots: Roots, places: Places, wanted: string): void {
  const place = networkRoots(roots);
  const record = findNetwork(place, wanted);
  const { name } = record;
  const id = changeNetworks(places, (networks) => {
    const left = networks.filter(({ network }) => network !== name);
    if (left.length === networks.length) {
      throw networkError(
        'NETWORK_NOT_CONNECTED',
        `The container ${places.name} is not in the network ${name}`,
      );
    }
    using namespace = openNetworkNamespace(places);
    const running = namespace && { roots: place, directory: places.directory, namespace };
    const server = running && unlessDone('NETWORK_NOT_CONNECTED', () => disconnect(running, name));
    if (server !== undefined) removeNameServer(`${places.directory}/resolv.conf`, server);
    return left;
  });
  recordStoreEvent(roots, networkEvent('disconnect', record, id));
}

/** A command that was killed has done it in what runs, and not put it on record. */
function unlessDone<T>(code: NetworkErrorCode, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isCortenError(error) || error.code !== code) throw error;
    return undefined;
  }
}

/** The container's ID. */
function changeNetworks(
  places: Places,
  change: (networks: readonly NetworkWish[]) => readonly NetworkWish[],
): string {
  let id = '';
  changeConfig(places, (config) => {
    refuseFixed(config);
    const { networking } = config;
    id = config.id;
    return { ...config, networking: { ...networking, networks: change(networking.networks) } };
  });
  return id;
}

function refuseFixed({ network, name }: ContainerConfig): void {
  if (network === 'networks') return;
  const kinds = { container: "another container's network", pod: 'the network of its pod' };
  const kind = kinds[network as keyof typeof kinds] ?? `the network ${network}`;
  const text = `The container ${name} has ${kind}, so that it can be in no other: run it with --network NAME`;
  throw engineError('ENGINE_NETWORK_FIXED', text);
}
