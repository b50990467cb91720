import { attempt, sys } from '../kernel/call.ts';
import { LOCK } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { sleep } from '../kernel/process.ts';
import { MonitorConnection } from '../monitor/connect-monitor.ts';
import { readJournal } from '../monitor/journal.ts';
import type { Places } from '../monitor/places.ts';
import { hasSocket, releaseLost } from '../monitor/remove-container.ts';
import { startMonitor } from '../monitor/start-monitor.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';
import { isProcess } from './is-process.ts';
import { prepareContainer } from './prepare-container.ts';
import type { Roots } from './roots.ts';
import { supervisionOf } from './supervision-of.ts';

const UMASK = 0o022;
const PAUSE_MS = 1;
const TRIES = 10_000;

export interface RunningContainer {
  readonly id: string;
  readonly name: string;
  /** The monitor, a child of the caller. */
  readonly pid: number;
  /** STARTED or FAILED comes first. */
  readonly connection: MonitorConnection;
}

export interface StartRequest {
  readonly places: Places;
  readonly config: ContainerConfig;
  /** The container's directory, locked. */
  readonly directory: Fd;
  /** Whether nothing of it is to be left where it can't be started. */
  readonly isNew: boolean;
  /** Whether the connection carries the container's streams from the first byte on. */
  readonly isAttached: boolean;
}

/** Containers are root's so far. Throws ENGINE_NOT_ROOT. */
export function requireRoot(): void {
  if (attempt('geteuid') === 0) return;
  const text = 'To run a container takes root so far: type the same command as root';
  throw engineError('ENGINE_NOT_ROOT', text);
}

/** Forks the monitor that runs a container which is on record. Blocks the caller's signals, as startMonitor() does. */
export function startOnRecord(roots: Roots, request: StartRequest): RunningContainer {
  const { config, places, directory, isNew, isAttached } = request;
  // Files that a container sees must not depend on the caller's habits.
  sys('umask', UMASK);
  const { pid, socket } = startMonitor({
    places,
    directory,
    isNew,
    isAutoRemove: config.isAutoRemove,
    hasTerminal: config.hasTerminal,
    hasStdin: config.hasStdin,
    supervision: supervisionOf(config),
    isAttached,
    prepare: () => prepareContainer(roots, { config, places, directory: directory.number }),
  });
  return { id: config.id, name: config.name, pid, connection: new MonitorConnection(socket) };
}

/**
 * Starts a container that was made or has ended; undefined for one that runs already. Throws
 * ENGINE_CONTAINER_DAMAGED, ENGINE_CONTAINER_BUSY, ENGINE_CONTAINER_RUNNING for one whose monitor was killed.
 */
export function startContainer(
  roots: Roots,
  places: Places,
  isAttached: boolean,
): RunningContainer | undefined {
  requireRoot();
  const directory = openContainer(places);
  if (directory === undefined) {
    const text = `The container ${places.name} was never created whole: remove it with corten rm -f ${places.name}`;
    throw engineError('ENGINE_CONTAINER_DAMAGED', text);
  }
  try {
    if (!seize(directory, places)) {
      directory.close();
      return undefined;
    }
    const config = readConfig(directory.number, places.name);
    return startOnRecord(roots, { places, config, directory, isNew: false, isAttached });
  } catch (error) {
    directory.close();
    throw error;
  }
}

/** Takes the container's lock; false where a monitor has it because the container runs. */
function seize(directory: Fd, places: Places): boolean {
  const { name } = places;
  for (let tries = 0; tries < TRIES; tries++) {
    if (attempt('flock', directory.number, LOCK.EX | LOCK.NB) === 0) {
      endLost(directory, places);
      return true;
    }
    const { state } = statusOf(directory.number);
    if (state === 'running' || state === 'restarting') return false;
    sleep(PAUSE_MS);
  }
  throw engineError('ENGINE_CONTAINER_BUSY', `The container ${name} is in use by another command: try again`);
}

/**
 * Whoever holds the lock knows that no monitor lives. What a killed one has left is cleaned up, as after a reboot,
 * unless the program itself lives on. A monitor's socket is the first thing that it makes and the last that goes.
 */
function endLost(directory: Fd, places: Places): void {
  const { name } = places;
  const { started, exited } = readJournal(directory.number);
  const isLost = started !== undefined && exited === undefined;
  if (isLost && isProcess(started.pid, started.startTime)) {
    const text = `The monitor of the container ${name} was killed, and its program may still run: remove it with corten rm -f ${name}`;
    throw engineError('ENGINE_CONTAINER_RUNNING', text);
  }
  if (isLost || hasSocket(places)) releaseLost(places);
}
