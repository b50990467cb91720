import { SIGNAL } from '../kernel/constants.ts';
import {
  awaitExit,
  awaitGone,
  awaitStarted,
  sendRestart,
  sendSignal,
  type MonitorConnection,
} from '../monitor/connect-monitor.ts';
import { PACKET } from '../monitor/packets.ts';
import type { Places } from '../monitor/places.ts';
import { connectContainer } from './connect-container.ts';
import { openContainer } from './container-status.ts';
import { recordEvent } from './record-event.ts';
import type { Roots } from './roots.ts';
import { startContainer } from './start-container.ts';
import { stopSettingsOf, type StopSettings } from './stop-settings.ts';

/**
 * Stops a container as stopContainer() does and has its monitor start it again, whatever its restart policy says;
 * one that doesn't run is started. Returns when it runs. Throws what keeps it from running.
 */
export function restartContainer(roots: Roots, places: Places, timeout: number | undefined): void {
  using directory = openContainer(places);
  using connection = directory === undefined ? undefined : connectContainer(directory);
  if (directory !== undefined && connection !== undefined) {
    if (restarted(connection, stopSettingsOf(directory, places, timeout)))
      return recordEvent(places, 'restart');
    awaitGone(connection);
  }
  const started = startContainer(roots, places, false);
  if (started !== undefined) awaitStarted(started.connection);
  recordEvent(places, 'restart');
}

/** False where the container ended for good before its monitor heard of the wish. */
function restarted(connection: MonitorConnection, { signal, timeout }: StopSettings): boolean {
  if (!isRunning(connection)) {
    sendRestart(connection);
    awaitStarted(connection);
    return true;
  }
  sendRestart(connection);
  sendSignal(connection, signal);
  let exited = awaitExit(connection, timeout, true);
  if (exited === undefined) {
    sendSignal(connection, SIGNAL.KILL);
    exited = awaitExit(connection, -1, true);
  }
  if (exited?.isRestarting !== true) return false;
  awaitStarted(connection);
  return true;
}

/** What a monitor says first: whether its container runs or waits to be started again. */
function isRunning(connection: MonitorConnection): boolean {
  return connection.await(-1)?.[0] === PACKET.STARTED;
}
