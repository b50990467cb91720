import type { Fd } from '../../kernel/files.ts';
import type { NewEvent } from '../../monitor/events.ts';
import type { Places } from '../../monitor/places.ts';
import type { PreparedNetwork as Served } from '../../monitor/start-monitor.ts';
import type { ContainerConfig } from '../container-config.ts';
import type { JoinedPod } from '../pods/joined-pod.ts';
import type { Roots } from '../roots.ts';

/** The container's network before anything runs in it. */
export interface PreparedNetwork extends Served {
  /** A path of its network namespace, as whoever makes the container sees it. */
  readonly namespace: string;
  /** Texts of files below /etc, by name, where they are other than without a network. */
  readonly etc: ReadonlyMap<string, string>;
  /** That it is connected, as docker tells it. */
  readonly events: readonly NewEvent[];
  /** Files of others that it sees below /etc, by name, instead of its own. */
  readonly files?: ReadonlyMap<string, string>;
  /** To close as soon as it runs. */
  readonly spent: readonly Fd[];
}

export interface WantedNetwork {
  readonly config: ContainerConfig;
  readonly places: Places;
  /** Whose a new network namespace is, if not the caller's. */
  readonly userNamespace: Fd | undefined;
}

type Chunk = typeof import('./prepare-network.chunk.ts');

/** In the monitor. undefined where the container has no network that would have to be made. */
export function prepareNetwork(
  roots: Roots,
  wanted: WantedNetwork,
  pod: JoinedPod | undefined,
): PreparedNetwork | undefined {
  const { network } = wanted.config;
  if (network === 'none' || network === 'host') return undefined;
  const chunk = load('engine/network/prepare-network.chunk.js') as Chunk;
  return chunk.prepareNetwork(roots, wanted, pod);
}
