import type { Fd } from '../../kernel/files.ts';
import type { Shared } from '../../monitor/start-pod.ts';
import type { Roots } from '../roots.ts';
import type { PodConfig } from './pod-config.ts';

/** What a container has of its pod, before anything runs in it. */
export interface JoinedPod {
  readonly config: PodConfig;
  /** The pod's, with its files hosts, hostname and resolv.conf. */
  readonly directory: string;
  /** To close as soon as it runs. */
  readonly shared: ReadonlyMap<Shared, Fd>;
  /** What says that it is in the pod, held for as long as it lives. */
  readonly kept: readonly Fd[];
}

type Chunk = typeof import('./join-pod.chunk.ts');

/** undefined of a container that is in none. */
export function joinPodOf(roots: Roots, pod: string | undefined): JoinedPod | undefined {
  if (pod === undefined) return undefined;
  return (load('engine/pods/join-pod.chunk.js') as Chunk).joinPodOf(roots, pod);
}
