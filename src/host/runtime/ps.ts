import { processesIn } from './cgroup/processes.ts';
import { rootlessModule } from './rootless/rootless.ts';
import { openDirectory, requireRecord } from './state/directory.ts';
import { readStateFile, type StateFile } from './state/record.ts';
import { isAlive } from './state/status.ts';

/** The pids of everybody in the container's cgroup, or where it has none in its pid namespace, in the caller's numbering. Throws RUNTIME_NOT_FOUND. */
export function listProcesses(root: string, id: string): readonly number[] {
  using directory = openDirectory(root, id);
  const state = readStateFile(directory);
  const [first] = requireRecord(state, id).cgroups;
  const found = first === undefined ? besides(state) : processesIn(first);
  return found.toSorted((a, b) => a - b);
}

function besides({ init }: StateFile): readonly number[] {
  return init === undefined || !isAlive(init) ? [] : rootlessModule().processesBeside(init.pid);
}
