import { isCortenError } from '../../pure/base/errors.ts';
import { SIGNAL } from '../kernel/constants.ts';
import { finish, sendSignal } from '../monitor/connect-monitor.ts';
import type { Places } from '../monitor/places.ts';
import { killContainer } from '../runtime/kill.ts';
import { connectContainer } from './connect-container.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';
import { recordEvent } from './record-event.ts';

/**
 * Sends a signal to the container's first process, by way of its monitor, which knows by it whether its end is
 * wanted. Throws ENGINE_CONTAINER_NOT_RUNNING.
 */
export function signalContainer(places: Places, signal: number): void {
  using directory = openContainer(places);
  using connection = directory === undefined ? undefined : connectContainer(directory);
  const isRunning = directory !== undefined && statusOf(directory.number).state === 'running';
  if (connection !== undefined && isRunning) {
    // Before the end that it may bring.
    recordEvent(places, 'kill', { signal: String(signal) });
    sendSignal(connection, signal);
    finish(connection);
    // The monitor can't wake one that is paused.
    if (signal === SIGNAL.KILL) signalIfRunning(places, signal);
    return;
  }
  try {
    killContainer(places.runtimeRoot, places.id, { signal });
  } catch (error) {
    if (!isNotRunning(error)) throw error;
    throw engineError('ENGINE_CONTAINER_NOT_RUNNING', `The container ${places.name} is not running`, error);
  }
}

/** As signalContainer(), but one that is not running is left alone. */
export function signalIfRunning(places: Places, signal: number): void {
  try {
    killContainer(places.runtimeRoot, places.id, { signal });
  } catch (error) {
    if (!isNotRunning(error)) throw error;
  }
}

function isNotRunning(error: unknown): boolean {
  return isCortenError(error) && (error.code === 'RUNTIME_NOT_RUNNING' || error.code === 'RUNTIME_NOT_FOUND');
}
