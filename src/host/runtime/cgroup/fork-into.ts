import { isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, readText } from '../../kernel/files.ts';
import { fork } from '../../kernel/process.ts';
import { named } from '../errors.ts';
import { findHierarchies } from './hierarchies.ts';

/**
 * Forks into a cgroup v2 directory. A container that has made cgroups of its own and given them controllers, as
 * systemd does, has nobody in its own directory any more, and the kernel lets nobody in: then the child goes where
 * `init` is, if that is given.
 */
export function forkInto(directory: string, init: number | undefined): number {
  try {
    return forkIn(directory);
  } catch (error) {
    const other = init !== undefined && isSysError(error, 'EBUSY', 'EOPNOTSUPP') ? cgroupOf(init) : undefined;
    return named(`Start in the cgroup ${other ?? directory}`, () => {
      if (other === undefined) throw error;
      return forkIn(other);
    });
  }
}

function forkIn(directory: string): number {
  using cgroup = openFile(directory, O.PATH | O.DIRECTORY);
  return fork({ cgroup: cgroup.number });
}

/** cgroups(7), "/proc/pid/cgroup": the line of version 2 begins with `0::`. */
function cgroupOf(pid: number): string | undefined {
  const path = /^0::(.*)$/m.exec(readText(`/proc/${pid}/cgroup`))?.[1];
  const unified = findHierarchies().find(({ version }) => version === 2);
  return path === undefined || unified === undefined ? undefined : `${unified.mountPoint}${path}`;
}
