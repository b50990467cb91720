import type { Resources } from '../../pure/spec/runtime.ts';
import { makeDirectories } from '../kernel/files.ts';
import { applyResources } from './apply-resources.ts';
import { inheritCpuset } from './cgroup/directories.ts';
import { findHierarchies, type Hierarchy } from './cgroup/hierarchies.ts';
import { enableControllers } from './cgroup/unified.ts';

/** Makes a cgroup for others to be made below, with limits for all of them together (rules for devices aside). */
export function makeParentCgroup(path: string, resources: Resources): void {
  applyResources(
    findHierarchies().map((hierarchy) => make(hierarchy, path)),
    resources,
  );
}

function make({ version, mountPoint, controllers }: Hierarchy, path: string): string {
  const directory = mountPoint + path;
  makeDirectories(directory);
  if (version === 2) enableControllers({ mountPoint, directory, controllers });
  else if (controllers.includes('cpuset')) inheritCpuset(directory);
  return directory;
}
