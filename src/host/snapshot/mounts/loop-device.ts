import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';

/** include/uapi/linux/loop.h */
const LOOP_CTL_GET_FREE = 0x4c82;
const LOOP_CONFIGURE = 0x4c0a;
const LO_FLAGS_READ_ONLY = 1;
const LO_FLAGS_AUTOCLEAR = 4;
/** struct loop_config: fd, block_size, struct loop_info64, 8 reserved words. */
const CONFIG_SIZE = 304;
const FLAGS_WORD = (8 + 52) / 4;
const TRIES = 32;

export interface LoopDevice {
  readonly path: string;
  /** The kernel frees the device with its last user: this descriptor, then the mount. */
  readonly fd: Fd;
}

/** A read-only loop device over an open file, freed by itself (LOOP_CONFIGURE, since Linux 5.8). */
export function attachLoop(file: number): LoopDevice {
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

/** Whether an error says that there are no loop devices here. */
export function isWithoutLoop(error: unknown): boolean {
  return isSysError(error, 'ENOENT', 'ENXIO', 'EPERM', 'EACCES');
}
