import { isSysError } from '../kernel/call.ts';
import { MOUNT_ATTR, O } from '../kernel/constants.ts';
import { ERRNO, errnoName } from '../kernel/errno.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { snapshotError } from './errors.ts';
import { FileSystemContext } from './mounts/file-system.ts';
import { attachLoop, isWithoutLoop } from './mounts/loop-device.ts';

const ATTRIBUTES = MOUNT_ATTR.RDONLY | MOUNT_ATTR.NODEV;

/**
 * Mounts one EROFS file that our own writer made, read-only and detached: no path of the host shows it, and it
 * goes with its last holder. The kernel reads the file itself since Linux 6.12; where it refuses to (an older
 * kernel, a store on overlayfs or tmpfs) a loop device does. Throws SNAPSHOT_LAYER_MISSING or
 * SNAPSHOT_LAYER_REFUSED.
 */
export function mountLayer(path: string): Fd {
  using context = new FileSystemContext('erofs');
  context.setString('source', path);
  const result = context.tryCreate();
  if (result === 0) return context.mount(ATTRIBUTES);
  if (result === -ERRNO.ENOENT) {
    throw snapshotError('SNAPSHOT_LAYER_MISSING', `The layer ${path} is gone: load its image again`);
  }
  // ENOTBLK is EROFS's own word for a file it can't use as a device.
  if (result === -ERRNO.ENOTBLK) return mountByLoop(path);
  throw refused(path, -result, context.lastMessage());
}

function mountByLoop(path: string): Fd {
  using file = openFile(path, O.RDONLY | O.NOFOLLOW);
  const device = attach(file.number, path);
  using holder = device.fd;
  using context = new FileSystemContext('erofs');
  context.setString('source', device.path);
  // Else the kernel opens the device for writing too, which a read-only one refuses.
  context.setFlag('ro');
  const result = context.tryCreate();
  if (result === 0 && holder.number >= 0) return context.mount(ATTRIBUTES);
  throw refused(path, -result, context.lastMessage());
}

function attach(file: number, path: string): ReturnType<typeof attachLoop> {
  try {
    return attachLoop(file);
  } catch (error) {
    if (!isSysError(error) || !isWithoutLoop(error)) throw error;
    const text = `Mount the layer ${path}: this kernel needs a loop device for it and has none (${errnoName(error.errno)})`;
    throw snapshotError('SNAPSHOT_LAYER_REFUSED', text, error);
  }
}

function refused(path: string, errno: number, message: string): Error {
  const why = message === '' ? '' : ` (${message})`;
  return snapshotError('SNAPSHOT_LAYER_REFUSED', `Mount the layer ${path}: ${errnoName(errno)}${why}`);
}
