import type { StreamName } from '../log/log-writer.ts';
import type { Places } from '../places.ts';

/** What a monitor is called in its second life. */
export const PROGRAM = 'corten-monitor';

export interface Output {
  readonly fd: number;
  readonly stream: StreamName;
}

/** All that a monitor knows of its container: plain data, since it crosses an execve(2). */
export interface MonitorState {
  readonly places: Places;
  /** Whether the container is removed when it ends. */
  readonly isAutoRemove: boolean;
  readonly hasTerminal: boolean;
  readonly pid: number;
  /** Children that serve the container and end with it. */
  readonly helpers: readonly number[];
  readonly pidfd: number;
  /** The container's directory in each cgroup hierarchy. */
  readonly cgroups: readonly string[];
  /** The container's directory, with the lock on it. */
  readonly directory: number;
  readonly listener: number;
  readonly stdin: number | undefined;
  readonly outputs: readonly Output[];
  readonly clients: readonly {
    readonly fd: number;
    readonly isAttached: boolean;
    readonly isStdin: boolean;
  }[];
  /** Held for as long as the container lives: its overlay and the lock on it. */
  readonly kept: readonly number[];
}

/** Every descriptor of it. */
export function descriptorsOf(state: MonitorState): readonly number[] {
  const { pidfd, directory, listener, stdin, outputs, clients, kept } = state;
  const fds = [pidfd, directory, listener, ...(stdin === undefined ? [] : [stdin])];
  return [...fds, ...outputs.map(({ fd }) => fd), ...clients.map(({ fd }) => fd), ...kept];
}
