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
  const { pidfd, directory, listener, stdin, outputs, clients, kept, lease, layers } = state;
  const fds = [
    pidfd,
    directory,
    listener,
    lease,
    ...layers.map(({ fd }) => fd),
    ...(stdin === undefined ? [] : [stdin]),
  ];
  return [...fds, ...outputs.map(({ fd }) => fd), ...clients.map(({ fd }) => fd), ...kept];
}
