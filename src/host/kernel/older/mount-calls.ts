import { SysError, isSysError, type Argument } from '../call.ts';
import { AT, MOUNT_ATTR, MS, O, OPEN_TREE } from '../constants.ts';
import { ERRNO } from '../errno.ts';
import { Fd, openAt } from '../files.ts';
import { avoidDetached } from '../own-mounts.ts';
import { flagsOfAttributes, mountFlagsOf } from './mount-flags.ts';
import { mountsBelow } from './mounts-below.ts';
import { ownStage, type Stage } from './stage.ts';

/** open_tree(2) with OPEN_TREE_CLONE: the copy is on the stage. */
export function openTree([directory, path, flags]: readonly Argument[]): number {
  const stage = ownStage();
  const bits = Number(flags);
  if (stage === undefined || (bits & OPEN_TREE.CLONE) === 0) return -ERRNO.ENOSYS;
  const isRecursive = (bits & AT.RECURSIVE) !== 0;
  if ((bits & AT.EMPTY_PATH) !== 0) return stage.copy(Number(directory), isRecursive).release();
  using source = openAt(Number(directory), textOf(path), O.PATH);
  return stage.copy(source.number, isRecursive).release();
}

function textOf(path: Argument): string {
  return typeof path === 'string' ? path : '';
}

/** MOVE_MOUNT_T_EMPTY_PATH */
const TO_DESCRIPTOR = 0x40;

/** move_mount(2) of a mount on the stage. A detached one has no way into any tree but that call itself. */
export function moveMount([mount, , directory, path, flags]: readonly Argument[]): number {
  const stage = ownStage();
  if (stage === undefined) return -ERRNO.ENOSYS;
  const isDescriptor = (Number(flags) & TO_DESCRIPTOR) !== 0;
  using named = isDescriptor ? undefined : openAt(Number(directory), textOf(path), O.PATH | O.NOFOLLOW);
  try {
    stage.mount(String(Number(mount)), named?.number ?? Number(directory), MS.MOVE);
    return 0;
  } catch (error) {
    if (!isSysError(error, 'EINVAL')) throw error;
    avoidDetached();
    return -ERRNO.ENOSYS;
  }
}

/** mount_setattr(2) by mount(2), which knows all attributes but idmaps, and no detached mounts. */
export function mountSetattr([mount, , flags, words]: readonly Argument[]): number {
  const stage = ownStage();
  if (stage === undefined || !(words instanceof BigUint64Array)) return -ERRNO.ENOSYS;
  const [set = 0, clear = 0, propagation = 0] = Array.from(words, Number);
  if (((set | clear) & MOUNT_ATTR.IDMAP) !== 0) return -ERRNO.ENOSYS;
  const isRecursive = (Number(flags) & AT.RECURSIVE) !== 0;
  const change = { stage, mount: Number(mount), set, clear, propagation, isRecursive };
  try {
    apply(change);
  } catch (error) {
    // A detached mount, which only the new calls can do something with.
    if (!isSysError(error, 'EINVAL')) throw error;
    stage.park(change.mount);
    apply(change);
  }
  return 0;
}

interface Change {
  readonly stage: Stage;
  readonly mount: number;
  readonly set: number;
  readonly clear: number;
  readonly propagation: number;
  readonly isRecursive: boolean;
}

function apply({ stage, mount, set, clear, propagation, isRecursive }: Change): void {
  if (propagation !== 0) stage.mount(null, mount, propagation | (isRecursive ? MS.REC : 0));
  if (set === 0 && clear === 0) return;
  remount(stage, mount, { set, clear });
  if (!isRecursive) return;
  for (const below of mountsBelow(mount)) {
    using one = new Fd(below);
    remount(stage, one.number, { set, clear });
  }
}

function remount(
  stage: Stage,
  mount: number,
  change: { readonly set: number; readonly clear: number },
): void {
  stage.mount(null, mount, MS.REMOUNT | MS.BIND | mountFlagsOf(mount, change));
}

/** mount(2) in the place of fsopen(2) and what follows it; the parameters are such as need no quoting. */
export function stageNew(type: string, parameters: Readonly<Record<string, string>>, attributes: number): Fd {
  const stage = ownStage();
  if (stage === undefined) throw new SysError('fsopen', ERRNO.ENOSYS, type);
  const data = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return stage.make(type, flagsOfAttributes(attributes), data.join(','));
}
