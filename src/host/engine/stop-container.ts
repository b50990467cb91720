import { monotonicMs } from '../kernel/clock.ts';
import { SIGNAL } from '../kernel/constants.ts';
import { awaitExit, awaitGone, sendStop, type MonitorConnection } from '../monitor/connect-monitor.ts';
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
  stopContainers([places], timeout);
}

/** As stopContainer(), of several that have this time together. */
export function stopContainers(containers: readonly Places[], timeout: number | undefined): void {
  const begun = monotonicMs();
  for (const stopping of containers.flatMap((places) => begin(places, timeout))) finish(stopping, begun);
}

interface Stopping {
  readonly places: Places;
  readonly connection: MonitorConnection;
  /** Milliseconds; -1 for ever. */
  readonly timeout: number;
}

/** Nothing where there is nobody to wait for. */
function begin(places: Places, wanted: number | undefined): readonly Stopping[] {
  using directory = openContainer(places);
  const connection = directory === undefined ? undefined : connectContainer(directory);
  if (directory === undefined || connection === undefined) {
    signalIfRunning(places, SIGNAL.KILL);
    return [];
  }
  const { signal, timeout } = stopSettingsOf(directory, places, wanted);
  sendStop(connection, signal);
  thawIfPaused(directory, places);
  return [{ places, connection, timeout }];
}

function finish({ places, connection, timeout }: Stopping, begun: number): void {
  const left = timeout < 0 ? -1 : Math.max(0, timeout - (monotonicMs() - begun));
  if (awaitExit(connection, left) === undefined) {
    sendStop(connection, SIGNAL.KILL);
    awaitExit(connection, -1);
  }
  awaitGone(connection);
  connection.close();
  recordEvent(places, 'stop');
}
