import { attempt } from '../kernel/call.ts';
import { LOCK, SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { sleep } from '../kernel/process.ts';
import { awaitExit, awaitGone, connectMonitor, sendStop } from '../monitor/connect-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { removeContainer as removeAll } from '../monitor/remove-container.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';
import { thawIfPaused } from './pause-container.ts';
import { signalIfRunning } from './signal-container.ts';

const PAUSE_MS = 1;
const TRIES = 10_000;

/**
 * Removes all that there is of a container. One that runs, or whose end nobody saw, is refused
 * (ENGINE_CONTAINER_RUNNING) unless `isForced`. Its anonymous volumes go with it where `andVolumes` says so.
 */
export function removeContainer(places: Places, isForced: boolean, andVolumes = false): void {
  for (;;) {
    using directory = openContainer(places);
    if (directory !== undefined) {
      if (!isForced) refuseRunning(directory, places);
      seize(directory, places, isForced);
    }
    if (removeAll(places, andVolumes)) return;
  }
}

function refuseRunning(directory: Fd, { name }: Places): void {
  const { state } = statusOf(directory.number);
  if (state === 'running' || state === 'restarting') {
    throw engineError(
      'ENGINE_CONTAINER_RUNNING',
      `The container ${name} is running: stop it first, or remove it with -f`,
    );
  }
  if (state === 'lost') {
    throw engineError(
      'ENGINE_CONTAINER_RUNNING',
      `The monitor of the container ${name} was killed, and its program may still run: remove it with -f`,
    );
  }
}

/** Takes the container's lock, ending whoever runs in it. */
function seize(directory: Fd, places: Places, isForced: boolean): void {
  for (let tries = 0; tries < TRIES; tries++) {
    if (attempt('flock', directory.number, LOCK.EX | LOCK.NB) === 0) return;
    if (isForced) end(directory, places);
    sleep(PAUSE_MS);
  }
  throw engineError(
    'ENGINE_CONTAINER_BUSY',
    `The container ${places.name} is in use by another command: try again`,
  );
}

function end(directory: Fd, places: Places): void {
  using connection = connectMonitor(directory.number);
  if (connection === undefined) return;
  // By both: one that is only being started does not read its socket yet.
  sendStop(connection, SIGNAL.KILL);
  signalIfRunning(places, SIGNAL.KILL);
  thawIfPaused(directory, places);
  awaitExit(connection, -1);
  awaitGone(connection);
}
