import type { Fd } from '../../kernel/files.ts';
import type { NewEvent } from '../../monitor/events.ts';
import type { PreparedNetwork as Served } from '../../monitor/start-monitor.ts';
import type { JoinedNetworks } from '../../network/join-networks.ts';
import { networkModule } from '../../network/networks.ts';
import type { ContainerConfig } from '../container-config.ts';
import { networkRoots, type Roots } from '../roots.ts';

/** Who joins: a container, or a pod for all of its own. */
export interface Member extends Pick<ContainerConfig, 'id' | 'name' | 'networking'> {
  readonly directory: string;
  /** Whose a new network namespace is, if not the caller's. */
  readonly userNamespace?: Fd | undefined;
}

export interface OwnNetworks {
  readonly joined: JoinedNetworks;
  /** That it is connected, as docker tells it. */
  readonly events: readonly NewEvent[];
  readonly served: Served;
}

/** Makes a network namespace in the networks that are wanted, and publishes ports. Throws what joinNetworks() throws. */
export function joinOwnNetworks(
  roots: Roots,
  { id, name, networking, directory, userNamespace }: Member,
): OwnNetworks {
  const { networks, ports, dns } = networking;
  const network = networkModule();
  const request = { roots: networkRoots(roots), id, name, directory, networks, ports, dns, userNamespace };
  const joined = network.joinNetworks(request);
  return {
    joined,
    events: joined.network.endpoints.map((one) =>
      network.networkEvent('connect', { name: one.network, id: one.networkId, driver: one.driver }, id),
    ),
    served: {
      portText: network.portText(joined.network),
      serve: () => ({ helpers: network.startForwarder(joined), watch: network.watchFirewall() }),
    },
  };
}
