import { removeContainer } from '../monitor/remove-container.ts';
import { createContainer } from './create-container.ts';
import type { Roots } from './roots.ts';
import type { RunRequest } from './run-request.ts';
import { startOnRecord, type RunningContainer } from './start-container.ts';

/**
 * Makes a container and the monitor that runs it. With `isAttached` the connection carries the container's streams
 * from the first byte on. Whatever fails leaves nothing. Blocks the caller's signals, as startMonitor() does.
 */
export function runContainer(roots: Roots, request: RunRequest, isAttached: boolean): RunningContainer {
  const created = createContainer(roots, request);
  try {
    return startOnRecord(roots, { ...created, isNew: true, isAttached });
  } catch (error) {
    removeContainer(created.places, true);
    throw error;
  }
}
