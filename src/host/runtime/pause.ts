import { freeze, freezerState } from './cgroup/freezer.ts';
import { lockRunning } from './state/running.ts';

/**
 * Freezes every process of a container; one that is paused already stays so. `before` hears beforehand where the
 * kernel will say so. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_RUNNING, RUNTIME_CGROUP_MISSING, RUNTIME_CGROUP_BUSY.
 */
export function pauseContainer(
  root: string,
  id: string,
  before: (state: { readonly file: string; readonly frozen: string }) => void = () => undefined,
): void {
  using locked = lockRunning(root, id);
  const state = freezerState(locked.record.cgroups);
  if (state !== undefined) before(state);
  freeze(locked.record.cgroups);
}
