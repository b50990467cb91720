import type { ClientState, NetworkState } from '../loop/state.ts';
import type { Places } from '../places.ts';

/** What a pod's monitor is called. */
export const POD_PROGRAM = 'corten-pod';

/** What a pod keeps for its containers: namespaces, and the mount of /dev/shm that goes with that of ipc. */
export type Shared = 'net' | 'ipc' | 'uts' | 'pid' | 'shm';

/** All that the monitor of a pod knows: plain data, since it crosses an execve(2). */
export interface PodState {
  readonly places: Places;
  /** The pod's directory, with the lock on it. */
  readonly directory: number;
  readonly listener: number;
  readonly clients: readonly Pick<ClientState, 'fd'>[];
  readonly shared: readonly { readonly name: Shared; readonly fd: number }[];
  readonly network?: NetworkState;
  /** The pod's directory in the cgroup hierarchies. */
  readonly cgroups: readonly string[];
  /** The first process of the shared pid namespace. */
  readonly init?: number;
  /** Whether it ends when the last of its containers has ended. */
  readonly endsWithLast: boolean;
}

export function descriptorsOfPod(state: PodState): readonly number[] {
  const { directory, listener, clients, shared, network } = state;
  const watch = network?.watch === undefined ? [] : [network.watch];
  return [directory, listener, ...watch, ...[...clients, ...shared].map(({ fd }) => fd)];
}
