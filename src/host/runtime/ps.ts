import { processesIn } from './cgroup/processes.ts';
import { rootlessModule } from './rootless/rootless.ts';
import { openStateFile, requireRecord } from './state/file.ts';
import type { StateRecords } from './state/records.ts';
import { isAlive } from './state/status.ts';

/** The pids of everybody in the container's cgroup, or where it has none in its pid namespace, in the caller's numbering. Throws RUNTIME_NOT_FOUND. */
export function listProcesses(root: string, id: string): readonly number[] {
  using file = openStateFile(root, id);
  const state = file.read();
  const [first] = requireRecord(state, id).cgroups;
  const found = first === undefined ? besides(state) : processesIn(first);
  return found.toSorted((a, b) => a - b);
}

function besides({ init }: StateRecords): readonly number[] {
  return init === undefined || !isAlive(init) ? [] : rootlessModule().processesBeside(init.pid);
}
