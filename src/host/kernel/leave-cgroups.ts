import { attempt } from './call.ts';
import { O } from './constants.ts';
import { readText } from './files.ts';

/**
 * Moves this process to the root of every hierarchy that can be seen, so that the end of a login or a CI job does
 * not take it along. Writing 0 to `tasks` oneself spares the wait that `cgroup.procs` costs.
 */
export function leaveCgroups(): void {
  for (const line of readText('/proc/self/mountinfo').split('\n')) {
    const [own = '', other = ''] = line.split(' - ');
    const type = other.split(' ')[0];
    if (type === 'cgroup' || type === 'cgroup2')
      join(own.split(' ')[4] ?? '', type === 'cgroup' ? 'tasks' : 'cgroup.procs');
  }
}

/** A hierarchy that we may not write, or whose root is full, keeps us where we are. */
function join(mountPoint: string, file: string): void {
  const fd = attempt('open', `${mountPoint}/${file}`, O.WRONLY | O.CLOEXEC, 0);
  if (fd < 0) return;
  attempt('write', fd, '0', 1);
  attempt('close', fd);
}
