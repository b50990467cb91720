import { isCortenError } from '../../pure/base/errors.ts';
import type { Fd } from '../kernel/files.ts';
import type { Places } from '../monitor/places.ts';
import { pauseContainer as pauseIn } from '../runtime/pause.ts';
import { resumeContainer } from '../runtime/resume.ts';
import { openContainer } from './container-status.ts';
import { engineError } from './errors.ts';
import { forgetPaused, isPaused, notePaused } from './paused.ts';
import { recordEvent } from './record-event.ts';

/** Freezes all processes of a container. Throws ENGINE_CONTAINER_NOT_RUNNING, ENGINE_CONTAINER_PAUSED. */
export function pauseContainer(places: Places): void {
  using directory = openContainer(places);
  if (directory === undefined) throw notRunning(places);
  if (isPaused(directory.number)) {
    const text = `The container ${places.name} is paused already: corten unpause ${places.name} lets it go on`;
    throw engineError('ENGINE_CONTAINER_PAUSED', text);
  }
  unlessStopped(places, () =>
    pauseIn(places.runtimeRoot, places.id, (state) => notePaused(directory.number, state)),
  );
  recordEvent(places, 'pause');
}

/** Lets them go on. Throws ENGINE_CONTAINER_NOT_RUNNING, ENGINE_CONTAINER_NOT_PAUSED. */
export function unpauseContainer(places: Places): void {
  using directory = openContainer(places);
  if (directory === undefined) throw notRunning(places);
  unlessStopped(places, () => resumeContainer(places.runtimeRoot, places.id));
  forgetPaused(directory.number);
  recordEvent(places, 'unpause');
}

/** Lets those of a paused container go on that got a signal: they can't follow it before. */
export function thawIfPaused(directory: Fd, places: Places): void {
  if (!isPaused(directory.number)) return;
  try {
    unpauseContainer(places);
  } catch (error) {
    const isGone = isCortenError(error) && error.code.startsWith('ENGINE_CONTAINER_NOT_');
    if (!isGone) throw error;
  }
}

function unlessStopped(places: Places, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isCortenError(error)) throw error;
    if (error.code === 'RUNTIME_NOT_RUNNING' || error.code === 'RUNTIME_NOT_FOUND')
      throw notRunning(places, error);
    if (error.code !== 'RUNTIME_NOT_PAUSED') throw error;
    throw engineError('ENGINE_CONTAINER_NOT_PAUSED', `The container ${places.name} is not paused`, error);
  }
}

function notRunning({ name }: Places, cause?: unknown): Error {
  return engineError('ENGINE_CONTAINER_NOT_RUNNING', `The container ${name} is not running`, cause);
}
