import { attempt, isSysError } from '../../kernel/call.ts';
import { AT, MOUNT_ATTR, MS, O } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { keptAfter, openFile, type Fd } from '../../kernel/files.ts';
import { cloneTree, setMountAttributes } from '../../kernel/mounts.ts';
import { named } from '../errors.ts';
import type { ContainerPlan } from '../plan/container.ts';
import type { BindStep, IdMap } from '../plan/step.ts';
import { titleOf } from '../plan/step-titles.chunk.ts';
import { makeUserNamespace } from './mappings.ts';

/** What a container's binds and its root show, as detached copies that its init only has to attach. */
export class Sources {
  readonly binds = new Map<BindStep, Fd>();
  rootfs: Fd | undefined;

  [Symbol.dispose](): void {
    for (const tree of this.binds.values()) tree.close();
    this.rootfs?.close();
  }
}

/**
 * Opened by us: where there is a user namespace its root may not enter the host's paths, and only we may map ids of
 * the host's file systems.
 */
export function openSources(plan: ContainerPlan, hasRootfs: boolean): Sources {
  const sources = new Sources();
  try {
    // Whoever isn't root is in the namespace who it is outside, and may copy mounts only there.
    const isMapped = plan.namespaces.user !== undefined && attempt('geteuid') === 0;
    if (isMapped && !hasRootfs) {
      sources.rootfs = named(`Mount the root file system ${plan.rootfs}`, () => tryCopy(plan.rootfs, true));
    }
    for (const step of plan.steps) {
      if (step.kind !== 'bind' || (!isMapped && step.idMap === undefined)) continue;
      const copy = step.idMap === undefined ? tryCopy : copyTree;
      const tree = named(titleOf(step), () => copy(step.source, step.isRecursive));
      if (tree === undefined) continue;
      sources.binds.set(step, tree);
      if (step.idMap !== undefined) mapIds(tree, { step, map: step.idMap, plan });
    }
    return sources;
  } catch (error) {
    sources[Symbol.dispose]();
    throw error;
  }
}

/** undefined where the kernel has no detached mounts: then init, on its own, has to be able to enter the path. */
function tryCopy(path: string, isRecursive: boolean): Fd | undefined {
  try {
    const tree = copyTree(path, isRecursive);
    if (canMove()) return tree;
    tree.close();
  } catch (error) {
    if (!isSysError(error, 'ENOSYS', 'EPERM')) throw error;
  }
  return undefined;
}

/** Before Linux 5.2, or as a seccomp filter has it: what is detached can never be attached. */
function canMove(): boolean {
  const [nobody, senseless] = [-1, 0xffffffff];
  return attempt('move_mount', nobody, null, nobody, null, senseless) === -ERRNO.EINVAL;
}

/** What is mounted in the copy stays there, and doesn't come to the host. */
function copyTree(path: string, isRecursive: boolean): Fd {
  const slave = { set: 0, clear: 0, propagation: MS.SLAVE, isRecursive: true };
  return keptAfter(cloneTree(AT.FDCWD, path, isRecursive), ({ number }) => setMountAttributes(number, slave));
}

interface Mapping {
  readonly step: BindStep;
  readonly map: IdMap;
  readonly plan: ContainerPlan;
}

/** mount_setattr(2), MOUNT_ATTR_IDMAP, since Linux 5.12. */
function mapIds(tree: Fd, { step, map, plan }: Mapping): void {
  const hint = (errno: number): string | undefined =>
    errno === 22 ? 'the file system there can not map ids' : undefined;
  const { isRecursive } = map;
  named(
    `Map the ids of ${step.source} for ${step.destination}`,
    () => {
      using namespace = namespaceOf(map, plan);
      const attributes = { set: MOUNT_ATTR.IDMAP, clear: 0, isRecursive, userNamespace: namespace.number };
      setMountAttributes(tree.number, attributes);
    },
    hint,
  );
}

function namespaceOf(map: IdMap, { namespaces: { user } }: ContainerPlan): Fd {
  const isOwn = map.uidMappings.length > 0 || map.gidMappings.length > 0;
  if (!isOwn && user?.path !== undefined) return openFile(user.path, O.RDONLY);
  return makeUserNamespace(isOwn || user === undefined ? map : user);
}
