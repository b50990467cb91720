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

/** All that a monitor knows of its container. */
export interface MonitorState extends LastingState {
  /** Whether the container is removed when it ends. */
  readonly isAutoRemove: boolean;
  readonly hasTerminal: boolean;
  readonly pid: number;
  readonly pidfd: number;
  /** The container's directory in each cgroup hierarchy. */
  readonly cgroups: readonly string[];
  readonly stdin: number | undefined;
  readonly outputs: readonly Output[];
  /** Held for as long as the container lives: its overlay and the lock on it. */
  readonly kept: readonly number[];
}

/** Every descriptor of it. */
export function descriptorsOf(state: MonitorState): readonly number[] {
  const { pidfd, stdin, outputs, kept } = state;
  const fds = [pidfd, ...lastingDescriptors(state), ...(stdin === undefined ? [] : [stdin])];
  return [...fds, ...outputs.map(({ fd }) => fd), ...kept];
}

export function lastingDescriptors({ directory, listener, clients }: LastingState): readonly number[] {
  return [directory, listener, ...clients.map(({ fd }) => fd)];
}
