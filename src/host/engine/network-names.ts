import type { ContainerConfig } from './container-config.ts';

/** The networks that a container is meant to be in, as `ps` names them. */
export function networkNames({
  network,
  networking,
}: Pick<ContainerConfig, 'network' | 'networking'>): readonly string[] {
  return network === 'networks' ? networking.networks.map((wish) => wish.network) : [network];
}
