import { findHierarchies } from './cgroup/hierarchies.ts';
import { removeCgroups } from './cgroup/remove.ts';

/** What deleteContainer() does last, for a container whose state was lost: ends whoever is in these cgroups. */
export function deleteCgroups(directories: readonly string[]): void {
  removeCgroups(directories, 'kill');
}

/** The cgroups of a container, by its linux.cgroupsPath. */
export function cgroupsAt(path: string): readonly string[] {
  return findHierarchies().map(({ mountPoint }) => mountPoint + path);
}
