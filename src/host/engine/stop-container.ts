import { SIGNAL } from '../kernel/constants.ts';
import { awaitExit, awaitGone, sendStop } from '../monitor/connect-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { connectContainer } from './connect-container.ts';
import { openContainer } from './container-status.ts';
import { thawIfPaused } from './pause-container.ts';
import { recordEvent } from './record-event.ts';
import { signalIfRunning } from './signal-container.ts';
import { stopSettingsOf } from './stop-settings.ts';

/**
 * Asks the container's program to end, by the image's own signal, and kills it if it hasn't after `timeout` seconds
 * (-1 for never, undefined for the container's own).
 * Returns when it has ended and its monitor with it; at once if it doesn't run.
 */
export function stopContainer(places: Places, timeout: number | undefined): void {
  using directory = openContainer(places);
  using connection = directory === undefined ? undefined : connectContainer(directory);
  if (directory === undefined || connection === undefined) return signalIfRunning(places, SIGNAL.KILL);
  const settings = stopSettingsOf(directory, places, timeout);
  sendStop(connection, settings.signal);
  thawIfPaused(directory, places);
  if (awaitExit(connection, settings.timeout) === undefined) {
    sendStop(connection, SIGNAL.KILL);
    awaitExit(connection, -1);
  }
  awaitGone(connection);
  recordEvent(places, 'stop');
}
