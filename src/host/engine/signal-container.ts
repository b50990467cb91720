import { isCortenError } from '../../pure/base/errors.ts';
import type { Places } from '../monitor/places.ts';
import { killContainer } from '../runtime/kill.ts';
import { engineError } from './errors.ts';

/** Sends a signal to the container's first process. Throws ENGINE_CONTAINER_NOT_RUNNING. */
export function signalContainer(places: Places, signal: number): void {
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
