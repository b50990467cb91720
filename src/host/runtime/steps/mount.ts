import { sys } from '../../kernel/call.ts';
import { AT, MAGIC, MOUNT_ATTR, O } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { attachMount, cloneTree, openInRoot, setMountAttributes } from '../../kernel/mounts.ts';
import { fileSystemOf, isDirectory, statusOf } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';
import type { BindStep, CgroupMountStep, MountStep } from '../plan/step.ts';
import { rootlessModule } from '../rootless/rootless.ts';
import type { StepContext } from './context.ts';
import { copyUpModule } from './copy-up.ts';
import { openIfThere, openOrdinaryDirectory, openVolumePoint, rootOf } from './paths.ts';

const MAGICS: ReadonlyMap<string, number> = new Map([
  ['proc', MAGIC.PROC],
  ['sysfs', MAGIC.SYSFS],
]);

/**
 * A new file system on the very directory that the descriptor holds: with it as working directory, mount(2) on "."
 * resolves nothing. Four calls fewer than fsopen(2) and its companions.
 */
export function mountFileSystem(context: StepContext, step: MountStep): void {
  const root = rootOf(context);
  const { destination, isOrdinaryDirectory } = step;
  const isThere = step.takesMode && isDirectoryThere(root, destination);
  using place = isOrdinaryDirectory
    ? openOrdinaryDirectory(root, destination)
    : openVolumePoint(root, destination, false);
  sys('fchdir', place.number);
  const data = isThere && step.takesMode ? withModeOf(place.number, step.data) : step.data;
  try {
    sys('mount', step.source, '.', step.type, step.flags, data === '' ? null : data);
  } catch (error) {
    rootlessModule().mountOtherwise(place, { ...step, data }, error);
  }
  if (isOrdinaryDirectory) verifyMounted(root, step);
  if (step.copiesUp) {
    using mounted = openInRoot(root, destination, O.PATH | O.DIRECTORY);
    copyUpModule().copyUp(place.number, mounted.number);
  }
  if (step.propagation !== 0) {
    using mounted = openInRoot(root, destination, O.PATH);
    const { propagation, isPropagationRecursive: isRecursive } = step;
    setMountAttributes(mounted.number, { set: 0, clear: 0, propagation, isRecursive });
  }
}

function isDirectoryThere(root: number, destination: string): boolean {
  using found = openIfThere(root, destination);
  return found !== undefined;
}

/** A tmpfs over a directory is no more open than that was, as with runc. */
function withModeOf(directory: number, data: string): string {
  const mode = `mode=${(statusOf(directory).mode & 0o7777).toString(8)}`;
  return data === '' ? mode : `${mode},${data}`;
}

/** What later steps mask and protect must lie in the true /proc and /sys. */
function verifyMounted(root: number, { destination, type }: MountStep): void {
  using mounted = openInRoot(root, destination, O.PATH | O.DIRECTORY);
  if (fileSystemOf(mounted.number) === MAGICS.get(type)) return;
  throw runtimeError(
    'RUNTIME_PATH_UNSAFE',
    `The path ${destination} does not show the ${type} file system just mounted on it`,
  );
}

export function bindMount(context: StepContext, step: BindStep): void {
  using tree = context.sources?.get(step) ?? cloneTree(AT.FDCWD, step.source, step.isRecursive);
  applyAttributes(tree, step);
  using place = openVolumePoint(rootOf(context), step.destination, !isDirectory(statusOf(tree.number)));
  attachMount(tree.number, place.number);
  const { propagation, isPropagationRecursive: isRecursive } = step;
  if (propagation !== 0) setMountAttributes(tree.number, { set: 0, clear: 0, propagation, isRecursive });
}

function applyAttributes(tree: Fd, { attributes, recursive }: BindStep): void {
  if (recursive.set !== 0 || recursive.clear !== 0) {
    setMountAttributes(tree.number, { ...recursive, isRecursive: true });
  }
  if (attributes.set !== 0 || attributes.clear !== 0) setMountAttributes(tree.number, attributes);
}

/** Read-only at last, when nothing more has to be made in it. */
export function sealMount(context: StepContext, destination: string): void {
  using mounted = openInRoot(rootOf(context), destination, O.PATH);
  setMountAttributes(mounted.number, { set: MOUNT_ATTR.RDONLY, clear: 0 });
}

/** The tmpfs is new and nobody else sees it yet, so plain names below it are safe. */
export function mountCgroups(context: StepContext, step: CgroupMountStep): void {
  const root = rootOf(context);
  using place = openVolumePoint(root, step.destination, false);
  sys('fchdir', place.number);
  sys('mount', 'tmpfs', '.', 'tmpfs', step.flags, 'mode=755,size=1024k');
  using mounted = openInRoot(root, step.destination, O.PATH | O.DIRECTORY);
  sys('fchdir', mounted.number);
  for (const { name, directory } of step.views) {
    sys('mkdir', name, 0o755);
    using view = cloneTree(AT.FDCWD, directory, false);
    sys('move_mount', view.number, '', AT.FDCWD, name, MOVE_FROM_DESCRIPTOR);
  }
  for (const { name, target } of step.links) sys('symlink', target, name);
  // The views are copies of the host's mounts, so all of it must be as the container is to see it.
  if (step.attributes.set !== 0)
    setMountAttributes(mounted.number, { ...step.attributes, isRecursive: true });
}

/** MOVE_MOUNT_F_EMPTY_PATH alone: the target is a name, and no link is followed. */
const MOVE_FROM_DESCRIPTOR = 4;
