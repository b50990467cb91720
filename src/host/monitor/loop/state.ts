import type { StreamName } from '../log/log-writer.ts';
import type { Places } from '../places.ts';
import type { Supervision } from '../supervision.ts';

/** What a monitor is called in its second life, and in the moment in which it starts its container again. */
export const PROGRAM = 'corten-monitor';
export const RESTART_PROGRAM = 'corten-restart';

export interface Output {
  readonly fd: number;
  readonly stream: StreamName;
}

export interface ClientState {
  readonly fd: number;
  readonly isAttached: boolean;
  readonly isStdin: boolean;
}

/** What of a monitor outlasts its container: plain data, since it crosses an execve(2). */
export interface LastingState {
  readonly places: Places;
  /** The container's directory, with the lock on it. */
  readonly directory: number;
  readonly listener: number;
  readonly clients: readonly ClientState[];
  /** What to do beside passing bytes on; absent where there is nothing. */
  readonly supervision?: Supervision;
}

export interface NetworkState {
  /** Children that serve its published ports and end with it. */
  readonly helpers: readonly number[];
  /** A socket that tells when somebody takes something out of the firewall. */
  readonly watch: number | undefined;
}

/** What tells that a container runs out of memory. */
export interface MemoryState {
  /** An eventfd, or in cgroup v2 a file; among those kept. */
  readonly fd: number;
  /** POLL flags. */
  readonly events: number;
  /** How many kills are on record already. */
  readonly told: number;
}

/** What clients have asked for beside the policy: no start after the next end, or one. */
export type Wish = 'stop' | 'restart';

/** All that a monitor knows of its container. */
export interface MonitorState extends LastingState {
  /** Whether the container is removed when it ends. */
  readonly isAutoRemove: boolean;
  readonly hasTerminal: boolean;
  /** Absent where there is none. */
  readonly wish?: Wish;
  readonly pid: number;
  /** Of a container in networks. */
  readonly network?: NetworkState;
  /** In the second life, where there is a memory controller. */
  readonly memory?: MemoryState;
  /** Readable when it has ended. */
  readonly pidfd: number;
  /** The container's directory in each cgroup hierarchy. */
  readonly cgroups: readonly string[];
  readonly stdin: number | undefined;
  readonly outputs: readonly Output[];
  /** Held for as long as the container lives: the lock on its overlay, and the terminal. */
  readonly kept: readonly number[];
  /** A mount of the container's root file system that shows nothing of what the container mounts. */
  readonly lease: number;
  /** The files of its layers. */
  readonly layerFiles: readonly string[];
  /** Mounts of its layers by their files, handed to other containers of the same image. */
  readonly layers: readonly { readonly file: string; readonly fd: number }[];
}

/** Every descriptor of it. */
export function descriptorsOf(state: MonitorState): readonly number[] {
  const { pidfd, stdin, outputs, kept, lease, layers, network } = state;
  const some = [stdin, network?.watch].filter((fd) => fd !== undefined);
  const fds = [pidfd, lease, ...lastingDescriptors(state), ...some];
  return [...fds, ...layers.map(({ fd }) => fd), ...outputs.map(({ fd }) => fd), ...kept];
}

export function lastingDescriptors({ directory, listener, clients }: LastingState): readonly number[] {
  return [directory, listener, ...clients.map(({ fd }) => fd)];
}
