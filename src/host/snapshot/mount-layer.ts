import { isSysError, retry } from '../kernel/call.ts';
import { MOUNT_ATTR, O } from '../kernel/constants.ts';
import { ERRNO, errnoName } from '../kernel/errno.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { statusOf } from '../kernel/stat.ts';
import { snapshotError } from './errors.ts';
import { FileSystemContext } from './mounts/file-system.ts';
import { attachLoop, isWithoutLoop } from './mounts/loop-device.ts';

/** struct erofs_super_block (fs/erofs/erofs_fs.h): where it lies, and in it blkszbits and blocks. */
const SUPER_BLOCK = 1024;
const MAGIC = 0xe0f5e1e2;
const BLOCK_BITS = 12;
const BLOCKS = 36;
const BLOCKS_END = BLOCKS + 4;

const ATTRIBUTES = MOUNT_ATTR.RDONLY | MOUNT_ATTR.NODEV;

/**
 * Mounts one EROFS file that our own writer made, read-only and detached: no path of the host shows it, and it
 * goes with its last holder. The kernel reads the file itself since Linux 6.12; where it refuses to (an older
 * kernel, a store on overlayfs or tmpfs) a loop device does. Throws SNAPSHOT_LAYER_MISSING,
 * SNAPSHOT_LAYER_DAMAGED or SNAPSHOT_LAYER_REFUSED.
 */
export function mountLayer(path: string): Fd {
  using file = openLayer(path);
  requireWhole(file, path);
  using context = new FileSystemContext('erofs');
  context.setString('source', path);
  const result = context.tryCreate();
  if (result === 0) return context.mount(ATTRIBUTES);
  // ENOTBLK is EROFS's own word for a file it can't use as a device.
  if (result === -ERRNO.ENOTBLK) return mountByLoop(file, path);
  throw refused(path, -result, context.lastMessage());
}

function openLayer(path: string): Fd {
  try {
    return openFile(path, O.RDONLY | O.NOFOLLOW);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
    throw snapshotError('SNAPSHOT_LAYER_MISSING', `The layer ${path} is gone: load its image again`, error);
  }
}

/** The kernel itself checks the superblock's sum, but mounts a file that ends early and fails wherever it is read. */
function requireWhole(file: Fd, path: string): void {
  const start = new Uint8Array(SUPER_BLOCK + BLOCKS_END);
  const count = retry('read', file.number, start, start.length);
  const view = new DataView(start.buffer, SUPER_BLOCK);
  const blockSize = 2 ** view.getUint8(BLOCK_BITS);
  const isWhole =
    count === start.length &&
    view.getUint32(0, true) === MAGIC &&
    statusOf(file.number).size >= view.getUint32(BLOCKS, true) * blockSize;
  if (isWhole) return;
  const text = `The layer ${path} is damaged or cut short: remove its image by corten rmi and load it again`;
  throw snapshotError('SNAPSHOT_LAYER_DAMAGED', text);
}

function mountByLoop(file: Fd, path: string): Fd {
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
