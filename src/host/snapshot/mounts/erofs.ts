import { isSysError, retry } from '../../kernel/call.ts';
import { MOUNT_ATTR, O } from '../../kernel/constants.ts';
import { errnoName } from '../../kernel/errno.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { snapshotError } from '../errors.ts';
import { FileSystemContext } from './file-system.ts';

/** struct erofs_super_block (fs/erofs/erofs_fs.h): where it lies, and in it blkszbits and blocks. */
const SUPER_BLOCK = 1024;
const MAGIC = 0xe0f5e1e2;
const BLOCK_BITS = 12;
const BLOCKS = 36;
const BLOCKS_END = BLOCKS + 4;

const ATTRIBUTES = MOUNT_ATTR.RDONLY | MOUNT_ATTR.NODEV;

/** The EROFS file of a layer. Throws SNAPSHOT_LAYER_MISSING or SNAPSHOT_LAYER_DAMAGED. */
export function openLayer(path: string): Fd {
  let file: Fd;
  try {
    file = openFile(path, O.RDONLY | O.NOFOLLOW);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
    throw snapshotError('SNAPSHOT_LAYER_MISSING', `The layer ${path} is gone: load its image again`, error);
  }
  if (isWhole(file)) return file;
  file.close();
  const text = `The layer ${path} is damaged or cut short: remove its image by corten rmi and load it again`;
  throw snapshotError('SNAPSHOT_LAYER_DAMAGED', text);
}

/** The kernel itself checks the superblock's sum, but mounts a file that ends early and fails wherever it is read. */
function isWhole(file: Fd): boolean {
  const start = new Uint8Array(SUPER_BLOCK + BLOCKS_END);
  const count = retry('read', file.number, start, start.length);
  const view = new DataView(start.buffer, SUPER_BLOCK);
  const blockSize = 2 ** view.getUint8(BLOCK_BITS);
  return (
    count === start.length &&
    view.getUint32(0, true) === MAGIC &&
    statusOf(file.number).size >= view.getUint32(BLOCKS, true) * blockSize
  );
}

/** A detached, read-only mount of a file or device; `layer` is what errors call it. Throws SNAPSHOT_LAYER_REFUSED. */
export function mountErofs(source: string, layer: string, isDevice: boolean): Fd {
  using context = new FileSystemContext('erofs');
  context.setString('source', source);
  // Else the kernel opens a device for writing too, which a read-only one refuses.
  if (isDevice) context.setFlag('ro');
  const result = context.tryCreate();
  if (result === 0) return context.mount(ATTRIBUTES);
  const why = context.lastMessage();
  const text = `Mount the layer ${layer}: ${errnoName(-result)}${why === '' ? '' : ` (${why})`}`;
  throw snapshotError('SNAPSHOT_LAYER_REFUSED', text);
}
