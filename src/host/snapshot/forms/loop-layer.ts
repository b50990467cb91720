import { isSysError } from '../../kernel/call.ts';
import { errnoName } from '../../kernel/errno.ts';
import type { Fd } from '../../kernel/files.ts';
import { snapshotError } from '../errors.ts';
import { mountErofs, openLayer } from '../mounts/erofs.ts';
import { attachLoop, isWithoutLoop, type LoopDevice } from '../mounts/loop-device.ts';

/** As mountLayer(), by a loop device, which the kernel frees with the last mount of it. */
export function mountLayerByLoop(path: string): Fd {
  using file = openLayer(path);
  const device = attach(file.number, path);
  using _held = device.fd;
  return mountErofs(device.path, path, true);
}

function attach(file: number, path: string): LoopDevice {
  try {
    return attachLoop(file);
  } catch (error) {
    if (!isSysError(error) || !isWithoutLoop(error)) throw error;
    const text = `Mount the layer ${path}: this kernel needs a loop device for it and has none (${errnoName(error.errno)})`;
    throw snapshotError('SNAPSHOT_LAYER_REFUSED', text, error);
  }
}
