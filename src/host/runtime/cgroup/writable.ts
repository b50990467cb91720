import { attempt } from '../../kernel/call.ts';
import type { Hierarchy } from './hierarchies.ts';

const W_OK = 2;

export interface UsableCgroups {
  readonly hierarchies: readonly Hierarchy[];
  /** Whether they are all the machine's, with the power to say which devices may be used. */
  readonly areOwned: boolean;
}

/**
 * Those in which the caller may make `path`: for whoever isn't the machine's root, what has been delegated to them,
 * often none. Root finds it out by its first look, which fails in a user namespace and where cgroups are read-only.
 */
export function usableCgroups(hierarchies: readonly Hierarchy[], path: string): UsableCgroups {
  const [first] = hierarchies;
  const isRoot = attempt('geteuid') === 0;
  if (isRoot && (first === undefined || attempt('access', first.mountPoint, W_OK) === 0)) {
    return { hierarchies, areOwned: true };
  }
  const isHybrid = hierarchies.some(({ version }) => version === 1);
  const usable = hierarchies.filter(
    ({ version, mountPoint }) => !(isHybrid && version === 2) && isWritable(mountPoint, path),
  );
  return { hierarchies: usable, areOwned: false };
}

function isWritable(mountPoint: string, path: string): boolean {
  for (let at = mountPoint + path; at.length >= mountPoint.length; at = at.slice(0, at.lastIndexOf('/'))) {
    if (attempt('access', at, 0) === 0) return attempt('access', at, W_OK) === 0;
  }
  return false;
}
