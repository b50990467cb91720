import { isCortenError } from '../../pure/base/errors.ts';
import { SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { signalNumber } from '../kernel/signals.ts';
import { awaitExit, awaitGone, sendSignal } from '../monitor/connect-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { connectContainer } from './connect-container.ts';
import { readConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { thawIfPaused } from './pause-container.ts';
import { signalIfRunning } from './signal-container.ts';

/**
 * Asks the container's program to end, by the image's own signal, and kills it if it hasn't after `timeout` seconds
 * (-1 for never).
 * Returns when it has ended and its monitor with it; at once if it doesn't run.
 */
export function stopContainer(places: Places, timeout: number): void {
  using directory = openContainer(places);
  using connection = directory === undefined ? undefined : connectContainer(directory);
  if (directory === undefined || connection === undefined) return signalIfRunning(places, SIGNAL.KILL);
  sendSignal(connection, stopSignalOf(directory, places));
  thawIfPaused(directory, places);
  if (awaitExit(connection, timeout < 0 ? -1 : timeout * 1000) === undefined) {
    sendSignal(connection, SIGNAL.KILL);
    awaitExit(connection, -1);
  }
  awaitGone(connection);
}

/** A container whose file is damaged can be stopped all the same. */
function stopSignalOf(directory: Fd, { name }: Places): number {
  try {
    return signalNumber(readConfig(directory.number, name).stopSignal) ?? SIGNAL.TERM;
  } catch (error) {
    if (isCortenError(error) && error.code === 'ENGINE_CONTAINER_DAMAGED') return SIGNAL.TERM;
    throw error;
  }
}
