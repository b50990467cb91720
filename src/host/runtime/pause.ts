import { freeze } from './cgroup/freezer.ts';
import { lockRunning } from './state/running.ts';

/**
 * Freezes every process of a container; one that is paused already stays so. Throws RUNTIME_NOT_FOUND,
 * RUNTIME_NOT_RUNNING, RUNTIME_CGROUP_MISSING, RUNTIME_CGROUP_BUSY.
 */
export function pauseContainer(root: string, id: string): void {
  using locked = lockRunning(root, id);
  freeze(locked.record.cgroups);
}
