import { isSysError, sys } from '../../kernel/call.ts';
import { AT, MS } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { attachMount, cloneTree, setMountAttributes } from '../../kernel/mounts.ts';
import { isInitialUserNamespace } from '../../kernel/user-namespace.ts';
import { findHierarchies } from '../cgroup/hierarchies.ts';
import type { MountStep } from '../plan/step.ts';

const ATTRIBUTES = MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC;

/**
 * For a mount that the kernel refused: in a user namespace a new sysfs belongs to whoever owns the network, a new
 * cgroup file system to whoever owns the cgroup namespace, so the host's are shown, as with the peers; and terminals
 * can't be given to a group that isn't mapped. Throws what was refused where nothing serves instead.
 */
export function mountOtherwise(place: Fd, { data, ...step }: MountStep, refusal: unknown): void {
  if (isInitialUserNamespace()) throw refusal;
  if (step.type === 'devpts' && isSysError(refusal, 'EINVAL') && /(?:^|,)gid=/.test(data)) {
    const rest = data.split(',').filter((option) => !option.startsWith('gid='));
    return void sys('mount', step.source, '.', step.type, step.flags, rest.join(','));
  }
  const source = isSysError(refusal, 'EPERM', 'EBUSY') ? sourceFor(step.type) : undefined;
  if (source === undefined) throw refusal;
  using tree = cloneTree(AT.FDCWD, source, true);
  // Those attributes of mount(2) and of mount_setattr(2) are the same numbers.
  const set = step.flags & ATTRIBUTES;
  if (set !== 0) setMountAttributes(tree.number, { set, clear: 0, isRecursive: true });
  attachMount(tree.number, place.number);
}

function sourceFor(type: string): string | undefined {
  if (type === 'sysfs') return '/sys';
  if (type !== 'cgroup2') return undefined;
  return findHierarchies().find(({ version }) => version === 2)?.mountPoint;
}
