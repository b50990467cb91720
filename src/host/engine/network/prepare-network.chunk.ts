import { readTextIfThere } from '../../kernel/files.ts';
import type { ContainerConfig } from '../container-config.ts';
import type { JoinedPod } from '../pods/joined-pod.ts';
import { findContainer } from '../find-container.ts';
import { pathOf } from './namespace-path.ts';
import type { Roots } from '../roots.ts';
import { etcTexts } from './etc-texts.ts';
import { linksOf } from './links.ts';
import { requireNetworkNamespace } from './network-namespace.ts';
import { joinOwnNetworks } from './own-networks.ts';
import type { PreparedNetwork, WantedNetwork } from './prepare-network.ts';
import { shareWithPod } from './share-with-pod.ts';

/** Makes the container's network, publishes its ports, and writes what it finds of it below /etc. */
export function prepareNetwork(
  roots: Roots,
  { config, places, userNamespace }: WantedNetwork,
  pod: JoinedPod | undefined,
): PreparedNetwork {
  if (pod !== undefined && config.network === 'pod') return shareWithPod(pod, config);
  if (config.network === 'container') return shareNetwork(roots, config);
  const member = { id: config.id, name: config.name, networking: config.networking };
  const { joined, events, served } = joinOwnNetworks(roots, {
    ...member,
    directory: places.directory,
    userNamespace,
  });
  return {
    ...served,
    namespace: pathOf(joined.namespace, config),
    etc: etcTexts(config, joined, linksOf(roots, config)),
    events,
    spent: [joined.namespace],
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
  return {
    namespace: pathOf(namespace, config),
    etc: new Map(texts),
    events: [],
    spent: [namespace],
    portText: '',
    serve: () => ({ helpers: [], watch: undefined }),
  };
}
