type CniModule = typeof import('./cni.chunk.ts');

/** How a container names a network of the Container Network Interface. */
export const CNI_PREFIX = 'cni:';

export function isCni(network: string): boolean {
  return network.startsWith(CNI_PREFIX);
}

/** Runs plugins; read where a container is in such a network. */
export function cniModule(): CniModule {
  return load('network/cni/cni.chunk.js') as CniModule;
}
