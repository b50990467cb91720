import { attempt } from '../../kernel/call.ts';
import { readText } from '../../kernel/files.ts';
import { nameOf, type Hierarchy } from '../cgroup/hierarchies.ts';
import type { CgroupView } from '../plan/cgroups.ts';

/** The caller's own cgroups of version 1, which a container sees that has none for itself, as with the peers. */
export function shownCgroups(mounted: readonly Hierarchy[]): readonly CgroupView[] {
  const own = readText('/proc/self/cgroup').split('\n');
  return mounted
    .filter(({ version }) => version === 1)
    .map(({ mountPoint, controllers }) => {
      const line = own.map((text) => text.split(':')).find(([, names]) => names === controllers.join(','));
      const directory = mountPoint + (line?.slice(2).join(':') ?? '').replace(/\/$/, '');
      const isThere = attempt('access', directory, 0) === 0;
      return { directory: isThere ? directory : mountPoint, name: nameOf(mountPoint), controllers };
    });
}
