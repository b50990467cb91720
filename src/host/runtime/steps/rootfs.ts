import { invariant } from '../../../pure/base/errors.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { AT, MNT_DETACH, MOUNT_ATTR, MS, O } from '../../kernel/constants.ts';
import { Fd, openAt, openFile } from '../../kernel/files.ts';
import { attachMount, cloneTree, setMountAttributes } from '../../kernel/mounts.ts';
import { olderCalls } from '../../kernel/older.ts';
import type { StepContext } from './context.ts';
import { noPivotModule } from './no-pivot.ts';
import { rootOf } from './paths.ts';

/** Makes the root file system a mount of its own and the ground for all later steps. */
export function enterRootfs(context: StepContext, path: string, propagation: number): void {
  if (propagation !== 0) sys('mount', null, '/', null, propagation | MS.REC, null);
  if (context.rootfsMount !== undefined) {
    // Over the root, which this process still sees from below: no path of the host is covered.
    using ground = openFile('/', O.PATH | O.DIRECTORY);
    if (propagation === 0) privatizeMountOf(ground.number);
    attachMount(context.rootfsMount, ground.number);
    context.root = new Fd(context.rootfsMount);
    return;
  }
  using place = openFile(path, O.PATH | O.DIRECTORY);
  context.root = attachTree(place, propagation) ?? attachTree(place, propagation);
  invariant(context.root !== undefined, 'a mount that is not detached can be moved');
}

/** undefined where a detached copy can't be attached: from then on there are none (own-mounts.ts). */
function attachTree(place: Fd, propagation: number): Fd | undefined {
  const tree = cloneTree(place.number, '', true);
  try {
    if (propagation === 0) {
      privatizeMountOf(place.number);
      setMountAttributes(tree.number, { set: 0, clear: 0, propagation: MS.SLAVE });
    }
    attachMount(tree.number, place.number);
    return tree;
  } catch (error) {
    tree.close();
    if (isSysError(error, 'ENOSYS') && error.syscall === 'move_mount') return undefined;
    throw error;
  }
}

/** statx(2): STATX_ATTR_MOUNT_ROOT, since Linux 5.8, in the words of attributes and of those that it knows. */
const MOUNT_ROOT = 0x2000n;
const ATTRIBUTES = 1;
const ATTRIBUTES_KNOWN = 7;

/** Of a path, PATH_MAX being 4096: the root of a chroot is its own "..", and may be the root of no mount. */
const MOST_LEVELS = 2048;

/** The mount that holds a directory, so that what is mounted there isn't seen by the host. */
function privatizeMountOf(directory: number): void {
  let at = openAt(directory, '.', O.PATH | O.DIRECTORY);
  for (let height = 0; height < MOST_LEVELS && !isMountRoot(at.number); height++) {
    const above = openAt(at.number, '..', O.PATH | O.DIRECTORY);
    at.close();
    at = above;
  }
  setMountAttributes(at.number, { set: 0, clear: 0, propagation: MS.PRIVATE });
  at.close();
}

function isMountRoot(directory: number): boolean {
  const words = new BigUint64Array(32);
  const result = attempt('statx', directory, '', AT.EMPTY_PATH, 0, words);
  const has = (word: number): boolean => ((words[word] ?? 0n) & MOUNT_ROOT) !== 0n;
  return result === 0 && has(ATTRIBUTES_KNOWN) ? has(ATTRIBUTES) : olderCalls().isMountRoot(directory);
}

/** The whole tree of the host goes; what remains is the container's. */
export function changeRoot(context: StepContext, isPivot: boolean): void {
  const root = rootOf(context);
  sys('fchdir', root);
  if (isPivot) pivot();
  else moveToRoot(root);
  sys('chdir', '/');
}

/** pivot_root(2) with both roots on one place: the old one comes to lie over the new one and is taken off. */
function pivot(): void {
  using old = openFile('/', O.PATH | O.DIRECTORY);
  sys('pivot_root', '.', '.');
  sys('fchdir', old.number);
  // A mount that the host shares would otherwise vanish from the host too.
  sys('mount', null, '.', null, MS.SLAVE | MS.REC, null);
  sys('umount2', '.', MNT_DETACH);
}

/** For a host whose root is the initial ramdisk, which can't be pivoted. */
function moveToRoot(root: number): void {
  noPivotModule().moveToRoot(root);
}

export function sealRoot(context: StepContext): void {
  setMountAttributes(rootOf(context), { set: MOUNT_ATTR.RDONLY, clear: 0 });
}

export function propagateRoot(context: StepContext, propagation: number): void {
  setMountAttributes(rootOf(context), { set: 0, clear: 0, propagation, isRecursive: true });
}
