import { attempt } from '../kernel/call.ts';
import { AT } from '../kernel/constants.ts';

type NetworkModule = typeof import('./network.chunk.ts');

/** All that is done for networks; read where a container is in one. */
export function networkModule(): NetworkModule {
  return load('network/network.chunk.js') as NetworkModule;
}

/** The file in a container's directory that says what it has of networks. */
export const CONTAINER_FILE = 'network';

/** Whether a container, by its directory, has anything of networks. */
export function isInNetworks(directory: string): boolean {
  return attempt('newfstatat', AT.FDCWD, `${directory}/${CONTAINER_FILE}`, new BigUint64Array(18), 0) === 0;
}
