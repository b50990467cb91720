import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd, openFile, readDirectory } from '../../kernel/files.ts';
import { statusOf, type FileStatus } from '../../kernel/stat.ts';

/** include/uapi/linux/loop.h */
const LOOP_CTL_GET_FREE = 0x4c82;
const LOOP_CONFIGURE = 0x4c0a;
const LOOP_GET_STATUS64 = 0x4c05;
const LO_FLAGS_READ_ONLY = 1;
const LO_FLAGS_AUTOCLEAR = 4;
/** struct loop_config: fd, block_size, struct loop_info64, 8 reserved words. */
const CONFIG_SIZE = 304;
const FLAGS_WORD = (8 + 52) / 4;
/** struct loop_info64 begins with the device and inode of the file, 64 bits each; lo_offset is the fourth. */
const INFO_SIZE = 232;
const TRIES = 32;

export interface LoopDevice {
  readonly path: string;
  /** The kernel frees the device with its last user: this descriptor, then the mount. */
  readonly fd: Fd;
}

/**
 * A read-only loop device over an open file, freed by itself (LOOP_CONFIGURE, since Linux 5.8). One that the file
 * has already is taken again: what is mounted from one device twice is one file system with one page cache.
 */
export function attachLoop(file: number): LoopDevice {
  return existingLoop(statusOf(file)) ?? newLoop(file);
}

function newLoop(file: number): LoopDevice {
  using control = openFile('/dev/loop-control', O.RDWR);
  for (let tries = 0; ; tries++) {
    const path = `/dev/loop${sys('ioctl', control.number, LOOP_CTL_GET_FREE)}`;
    const fd = openFile(path, O.RDONLY);
    const config = new Uint32Array(CONFIG_SIZE / 4);
    config[0] = file;
    config[FLAGS_WORD] = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
    const result = attempt('ioctl', fd.number, LOOP_CONFIGURE, config);
    if (result === 0) return { path, fd };
    fd.close();
    // Somebody else took the free one first.
    if (result !== -16 || tries === TRIES) sys('ioctl', -1, LOOP_CONFIGURE, config);
  }
}

function existingLoop(wanted: FileStatus): LoopDevice | undefined {
  for (const name of loopNames()) {
    // Only those that have a file have this folder.
    if (attempt('access', `/sys/block/${name}/loop`, 0) < 0) continue;
    const path = `/dev/${name}`;
    const opened = attempt('open', path, O.RDONLY | O.CLOEXEC, 0);
    if (opened < 0) continue;
    const fd = new Fd(opened);
    if (isOver(fd, wanted)) return { path, fd };
    fd.close();
  }
  return undefined;
}

function loopNames(): readonly string[] {
  try {
    return readDirectory('/sys/block').filter((name) => /^loop\d+$/.test(name));
  } catch (error) {
    if (!isSysError(error, 'ENOENT', 'EACCES')) throw error;
    return [];
  }
}

/** Asked of the open device, which keeps its file from now on. */
function isOver(loop: Fd, { device, inode }: FileStatus): boolean {
  const info = new BigUint64Array(INFO_SIZE / 8);
  if (attempt('ioctl', loop.number, LOOP_GET_STATUS64, info) < 0) return false;
  const flags = Number((info[6] ?? 0n) >> 32n);
  return info[0] === device && info[1] === inode && info[3] === 0n && (flags & LO_FLAGS_READ_ONLY) !== 0;
}

/** Whether an error says that there are no loop devices here. */
export function isWithoutLoop(error: unknown): boolean {
  return isSysError(error, 'ENOENT', 'ENXIO', 'EPERM', 'EACCES');
}
