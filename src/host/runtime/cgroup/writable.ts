import { attempt } from '../../kernel/call.ts';
import type { Hierarchy } from './hierarchies.ts';

const W_OK = 2;

/** Those in which the caller may make `path`: for whoever isn't root, what has been delegated to them, often none. */
export function writableHierarchies(hierarchies: readonly Hierarchy[], path: string): readonly Hierarchy[] {
  if (attempt('geteuid') === 0) return hierarchies;
  const isHybrid = hierarchies.some(({ version }) => version === 1);
  return hierarchies.filter(
    ({ version, mountPoint }) => !(isHybrid && version === 2) && isWritable(mountPoint, path),
  );
}

function isWritable(mountPoint: string, path: string): boolean {
  for (let at = mountPoint + path; at.length >= mountPoint.length; at = at.slice(0, at.lastIndexOf('/'))) {
    if (attempt('access', at, 0) === 0) return attempt('access', at, W_OK) === 0;
  }
  return false;
}
