import { isFrozen, thaw } from './cgroup/freezer.ts';
import { runtimeError } from './errors.ts';
import { lockRunning } from './state/running.ts';

/** Lets a paused container go on. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_RUNNING, RUNTIME_NOT_PAUSED. */
export function resumeContainer(root: string, id: string): void {
  using locked = lockRunning(root, id);
  if (!isFrozen(locked.record.cgroups))
    throw runtimeError('RUNTIME_NOT_PAUSED', `The container ${id} is not paused`);
  thaw(locked.record.cgroups);
}
