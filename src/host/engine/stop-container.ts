import { SIGNAL } from '../kernel/constants.ts';
import { signalNumber } from '../kernel/signals.ts';
import { awaitExit, awaitGone } from '../monitor/connect-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { connectContainer } from './connect-container.ts';
import { readConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { signalIfRunning } from './signal-container.ts';

/**
 * Asks the container's program to end, by the image's own signal, and kills it if it hasn't after `timeout` seconds.
 * Returns when it has ended and its monitor with it; at once if it doesn't run.
 */
export function stopContainer(places: Places, timeout: number): void {
  using directory = openContainer(places);
  using connection = directory === undefined ? undefined : connectContainer(directory);
  if (directory === undefined || connection === undefined) return signalIfRunning(places, SIGNAL.KILL);
  const { stopSignal } = readConfig(directory.number, places.name);
  signalIfRunning(places, signalNumber(stopSignal) ?? SIGNAL.TERM);
  if (awaitExit(connection, timeout * 1000) === undefined) {
    signalIfRunning(places, SIGNAL.KILL);
    awaitExit(connection, -1);
  }
  awaitGone(connection);
}
