import { waitFor } from '../kernel/process.ts';
import { awaitGone, type MonitorConnection } from '../monitor/connect-monitor.ts';
import { attach, type Attached } from './corten-attach.ts';
import { usageError } from './corten-context.ts';
import { detachKeysFrom } from './detach-keys-flag.ts';
import type { Options } from './options.ts';

export interface Joining {
  readonly connection: MonitorConnection;
  /** The monitor, where it is a child of ours. */
  readonly pid: number | undefined;
  readonly hasTerminal: boolean;
}

type How = Pick<Attached, 'hasStdin' | 'hasStdout' | 'hasStderr' | 'isSignalProxied' | 'detachKeys'>;

/**
 * What the flags say of the streams. `hasStdin` is whether the container has a standard input to join; `wanted` are
 * those to join alone, all if empty.
 */
export function howToJoin(options: Options, hasStdin: boolean, wanted: readonly string[] = []): How {
  const streams = wanted.map((one) => one.toLowerCase());
  const wrong = streams.find((one) => !['stdin', 'stdout', 'stderr'].includes(one));
  if (wrong !== undefined)
    throw usageError(`The flag --attach takes stdin, stdout or stderr, not "${wrong}"`);
  const isJoined = (name: string): boolean => streams.length === 0 || streams.includes(name);
  return {
    hasStdin: hasStdin && isJoined('stdin'),
    hasStdout: isJoined('stdout'),
    hasStderr: isJoined('stderr'),
    isSignalProxied: options.text('sig-proxy') !== 'false',
    detachKeys: detachKeysFrom(options),
  };
}

/** Joins until the container ends; the exit code, 0 for one that is left running. */
export function join({ connection, pid, hasTerminal }: Joining, how: How): number {
  const end = attach({ connection, hasTerminal, ...how });
  if (end === 'detached') return 0;
  // Its monitor lives on.
  if (end.isRestarting) return end.code;
  // Until nothing is left of what goes with the container's end, the monitor itself included.
  awaitGone(connection);
  if (pid !== undefined) waitFor(pid);
  return end.code;
}
