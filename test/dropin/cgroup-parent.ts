import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** Removes a cgroup and those below it from every hierarchy: engines leave the parents of their containers. */
export function removeCgroupTree(name: string): void {
  for (const hierarchy of readdirSync(ROOT)) {
    const path = join(ROOT, hierarchy, name);
    if (existsSync(path)) removeTree(path);
  }
}

function removeTree(path: string): void {
  // Some hosts have plain directories beside the hierarchies, in which podman and runc write all the same.
  if (!existsSync(join(path, 'cgroup.procs'))) return rmSync(path, { recursive: true });
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  }
  rmdirSync(path);
}
