import type { Device } from '../../../pure/spec/runtime.ts';
import { SysError, attempt, sys } from '../../kernel/call.ts';
import { AT, O, S } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { attachMount, cloneTree, openInRoot } from '../../kernel/mounts.ts';
import { deviceNumber, statusAt, statusOf } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';
import { DEVICE_LINKS } from '../plan/default-devices.ts';
import type { StepContext } from './context.ts';
import { openMountPoint, openParent, rootOf } from './paths.ts';

const EEXIST = -17;
const EPERM = -1;
const TYPES: Readonly<Record<Device['type'], number>> = { c: S.IFCHR, u: S.IFCHR, b: S.IFBLK, p: S.IFIFO };
const DEFAULT_MODE = 0o666;

/** `isBound`: the host's own nodes, shown by bind mounts, as a user namespace can't make any, nor its root. */
export function makeDevices(
  context: StepContext,
  { devices, isBound }: { readonly devices: readonly Device[]; readonly isBound: boolean },
): void {
  const root = rootOf(context);
  using dev = openMountPoint(root, '/dev', false);
  for (const device of devices) {
    if (isBound && device.type !== 'p') {
      bindDevice(root, device);
      continue;
    }
    const isMade = /^\/dev\/[^/]+$/.test(device.path)
      ? makeDevice(dev, device.path.slice('/dev/'.length), device)
      : makeElsewhere(root, device);
    if (!isMade) bindDevice(root, device);
  }
}

function bindDevice(root: number, device: Device): void {
  using tree = cloneTree(AT.FDCWD, device.path, false);
  const { mode, rdev } = statusOf(tree.number);
  if ((mode & S.IFMT) !== TYPES[device.type] || rdev !== deviceNumber(device.major, device.minor)) {
    throw runtimeError(
      'RUNTIME_PATH_UNSAFE',
      `The file ${device.path} of the host is not the device ${device.major}:${device.minor}, and none can be made in a user namespace`,
    );
  }
  using place = openMountPoint(root, device.path, true);
  attachMount(tree.number, place.number);
}

function makeElsewhere(root: number, device: Device): boolean {
  const { parent, name } = openParent(root, device.path);
  using _closed = parent;
  return makeDevice(parent, name, device);
}

/** False where the kernel lets the caller make none, as whoever is root of a user namespace alone. */
function makeDevice(parent: Fd, name: string, device: Device): boolean {
  const kind = TYPES[device.type];
  const mode = kind | ((device.fileMode ?? DEFAULT_MODE) & 0o7777);
  const number = kind === S.IFIFO ? 0 : deviceNumber(device.major, device.minor);
  const made = attempt('mknodat', parent.number, name, mode, number);
  if (made === EPERM) return false;
  if (made === EEXIST) {
    requireSame(parent, name, device);
    return true;
  }
  if (made < 0) throw new SysError('mknodat', -made, device.path);
  if ((device.uid ?? 0) !== 0 || (device.gid ?? 0) !== 0) {
    sys('fchownat', parent.number, name, device.uid ?? 0, device.gid ?? 0, AT.SYMLINK_NOFOLLOW);
  }
  return true;
}

/** An image that brings another file under a device's name must not pass for the device. */
function requireSame(parent: Fd, name: string, device: Device): void {
  const status = statusAt(parent.number, name);
  const kind = TYPES[device.type];
  const isSame =
    status !== undefined &&
    (status.mode & S.IFMT) === kind &&
    (kind === S.IFIFO || status.rdev === deviceNumber(device.major, device.minor));
  if (isSame) return;
  throw runtimeError(
    'RUNTIME_PATH_UNSAFE',
    `The file ${device.path} in the root file system is not the device ${device.major}:${device.minor}: remove it`,
  );
}

export function linkDevices(context: StepContext): void {
  using dev = openInRoot(rootOf(context), '/dev', O.PATH | O.DIRECTORY);
  for (const [name, target] of DEVICE_LINKS) {
    const made = attempt('symlinkat', target, dev.number, name);
    if (made === EEXIST) replaceLink(dev, name, target);
    else if (made < 0) throw new SysError('symlinkat', -made, `/dev/${name}`);
  }
}

/** Only /dev/ptmx has to be ours: the host's own would open terminals of the host. */
function replaceLink(dev: Fd, name: string, target: string): void {
  if (name !== 'ptmx') return;
  sys('unlinkat', dev.number, name, 0);
  sys('symlinkat', target, dev.number, name);
}
