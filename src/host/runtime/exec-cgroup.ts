import { attempt, sys } from '../kernel/call.ts';
import { runtimeError } from './errors.ts';
import { findHierarchies } from './cgroup/hierarchies.ts';

/**
 * Where a process of `exec` goes: each text is a path below the container's own cgroups, or as runc has it,
 * `controller[,controller...]:path` for single hierarchies of cgroup v1. Throws RUNTIME_CGROUP_PATH.
 */
export function execCgroups(own: readonly string[], wishes: readonly string[]): readonly string[] {
  if (wishes.length === 0) return own;
  const places = new Map(own.map((directory) => [directory, directory]));
  for (const wish of wishes) {
    const colon = wish.indexOf(':');
    const path = checkedPath(wish.slice(colon + 1));
    const targets =
      colon < 0
        ? own
        : wish
            .slice(0, colon)
            .split(',')
            .map((name) => ownOf(own, name));
    for (const target of targets) places.set(target, path === '' ? target : `${target}/${path}`);
  }
  return [...places.values()].map(checkedDirectory);
}

function checkedPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (!parts.includes('..')) return parts.join('/');
  throw runtimeError(
    'RUNTIME_CGROUP_PATH',
    `The flag --cgroup ${path} is not a sub cgroup path of the container: give one without ".."`,
  );
}

function ownOf(own: readonly string[], controller: string): string {
  const hierarchy = findHierarchies().find(({ controllers }) => controllers.includes(controller));
  const found = own.find(
    (directory) => hierarchy !== undefined && directory.startsWith(`${hierarchy.mountPoint}/`),
  );
  if (found !== undefined) return found;
  throw runtimeError(
    'RUNTIME_CGROUP_PATH',
    `The flag --cgroup names the unknown controller "${controller}": the container has no cgroup of it`,
  );
}

function checkedDirectory(directory: string): string {
  if (attempt('access', `${directory}/cgroup.procs`, 0) === 0) return directory;
  throw runtimeError(
    'RUNTIME_CGROUP_PATH',
    `The flag --cgroup takes a cgroup that exists: adding pid ${sys('getpid')} to ${directory}/cgroup.procs: no such file or directory`,
  );
}
