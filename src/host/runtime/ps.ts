import { processesIn } from './cgroup/processes.ts';
import { openDirectory, requireRecord } from './state/directory.ts';
import { readStateFile } from './state/record.ts';

/** The pids of everybody in the container's cgroup, in the caller's numbering. Throws RUNTIME_NOT_FOUND. */
export function listProcesses(root: string, id: string): readonly number[] {
  using directory = openDirectory(root, id);
  const { cgroups } = requireRecord(readStateFile(directory), id);
  const [first] = cgroups;
  return first === undefined ? [] : processesIn(first).toSorted((a, b) => a - b);
}
