import { MOUNT_ATTR, O, RESOLVE } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { attachMount, cloneTree, newMount, openInRoot, setMountAttributes } from '../../kernel/mounts.ts';
import { isCharacterDevice, isDirectory, statusOf } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';
import type { StepContext } from './context.ts';
import { openIfThere, rootOf } from './paths.ts';

/** config-linux.md#readonly-paths: what is not there needs no protection. */
export function protectPath(context: StepContext, path: string): void {
  using place = openIfThere(rootOf(context), path);
  if (place === undefined) return;
  using tree = cloneTree(place.number, '', true);
  setMountAttributes(tree.number, { set: MOUNT_ATTR.RDONLY, clear: 0, isRecursive: true });
  attachMount(tree.number, place.number);
}

/** config-linux.md#masked-paths: a directory by an empty one, anything else by /dev/null. */
export function maskPath(context: StepContext, path: string): void {
  using place = openIfThere(rootOf(context), path);
  if (place === undefined) return;
  if (isDirectory(statusOf(place.number))) return maskDirectory(context, place);
  using copy = cloneTree(nullDevice(context).number, '', false);
  attachMount(copy.number, place.number);
}

/**
 * One tmpfs for all masked directories of the container: attached at the first, copied for the others. One that
 * stayed detached would be taken apart at execve(2), and the kernel waits for a grace period then.
 */
function maskDirectory(context: StepContext, place: Fd): void {
  if (context.emptyDirectory === undefined) {
    context.emptyDirectory = makeEmptyDirectory();
    return attachMount(context.emptyDirectory.number, place.number);
  }
  using copy = cloneTree(context.emptyDirectory.number, '', false);
  attachMount(copy.number, place.number);
}

function makeEmptyDirectory(): Fd {
  return newMount({ type: 'tmpfs', parameters: { size: '0' }, attributes: MOUNT_ATTR.RDONLY });
}

/** Whatever else lies at /dev/null would be shown in place of what is masked (CVE-2025-31133). */
function nullDevice(context: StepContext): Fd {
  if (context.nullDevice !== undefined) return context.nullDevice;
  const device = openInRoot(rootOf(context), '/dev/null', O.PATH | O.NOFOLLOW, RESOLVE.NO_SYMLINKS);
  if (!isCharacterDevice(statusOf(device.number), 1, 3)) {
    device.close();
    throw runtimeError(
      'RUNTIME_PATH_UNSAFE',
      'The file /dev/null in the container is not the null device: nothing can be masked with it',
    );
  }
  context.nullDevice = device;
  return device;
}
