import { isCortenError } from '../../pure/base/errors.ts';
import type { Places } from '../monitor/places.ts';
import { listProcesses } from '../runtime/ps.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';

/** The pids of everybody in a running container, as the host numbers them. Throws ENGINE_CONTAINER_NOT_RUNNING. */
export function containerProcesses(places: Places): readonly number[] {
  using directory = openContainer(places);
  if (directory === undefined || statusOf(directory.number).state !== 'running') throw notRunning(places);
  try {
    return listProcesses(places.runtimeRoot, places.id);
  } catch (error) {
    if (isCortenError(error) && error.code === 'RUNTIME_NOT_FOUND') throw notRunning(places, error);
    throw error;
  }
}

function notRunning({ name }: Places, cause?: unknown): Error {
  return engineError('ENGINE_CONTAINER_NOT_RUNNING', `The container ${name} is not running`, cause);
}
