import type { Device, DeviceRule } from '../../../../pure/spec/runtime.ts';
import { isSysError, sys } from '../../../kernel/call.ts';
import { AT, S } from '../../../kernel/constants.ts';
import { readDirectory } from '../../../kernel/files.ts';
import { statusAt, type FileStatus } from '../../../kernel/stat.ts';
import { engineError } from '../../errors.ts';
import type { DeviceSetting } from '../../run-settings.ts';

const PERMISSIONS = 0o777;
/** File systems of their own, and the terminal that the container has one of itself. */
const NOT_SHOWN: ReadonlySet<string> = new Set([
  'pts',
  'shm',
  'fd',
  'mqueue',
  'console',
  'ptmx',
  '.lxc',
  '.lxd',
]);
const DEEPEST = 8;

export interface GivenDevice {
  readonly device: Device;
  readonly rule: DeviceRule;
}

/** The nodes that --device asks for; a directory stands for all that is in it. Throws ENGINE_DEVICE_MISSING. */
export function devicesOf(settings: readonly DeviceSetting[]): readonly GivenDevice[] {
  return settings.flatMap((setting) => {
    const found = devicesAt(setting, 0);
    if (found.length > 0) return found;
    const text = `The device ${setting.source} is no device of the host, nor a directory with any: --device takes such as /dev/fuse`;
    throw engineError('ENGINE_DEVICE_MISSING', text);
  });
}

/** Every node of the host's /dev, for --privileged. */
export function allDevices(): readonly GivenDevice[] {
  return devicesAt({ source: '/dev', destination: '/dev', access: 'rwm' }, 0);
}

function devicesAt(setting: DeviceSetting, depth: number): readonly GivenDevice[] {
  const status = followed(setting.source);
  if (status === undefined) return [];
  const given = deviceOf(status, setting);
  if (given !== undefined) return [given];
  if ((status.mode & S.IFMT) !== S.IFDIR || depth > DEEPEST) return [];
  return readDirectory(setting.source)
    .filter((name) => depth > 0 || !NOT_SHOWN.has(name))
    .flatMap((name) =>
      isLink(`${setting.source}/${name}`)
        ? []
        : devicesAt(
            {
              ...setting,
              source: `${setting.source}/${name}`,
              destination: `${setting.destination}/${name}`,
            },
            depth + 1,
          ),
    );
}

/** A link to a directory could lead round in a circle, and the node that it leads to is found without it. */
function isLink(path: string): boolean {
  const status = statusAt(AT.FDCWD, path);
  return status !== undefined && (status.mode & S.IFMT) === S.IFLNK;
}

/** A device is named by what a link leads to, as /dev/disk/by-id has it. */
function followed(path: string): FileStatus | undefined {
  try {
    const target = linkTarget(path);
    return statusAt(AT.FDCWD, target);
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}

function linkTarget(path: string): string {
  let at = path;
  for (let hops = 0; hops < DEEPEST; hops++) {
    const buffer = new Uint8Array(4096);
    if (!isLink(at)) return at;
    const target = utf8(buffer, 0, sys('readlink', at, buffer, buffer.length));
    at = target.startsWith('/') ? target : `${at.slice(0, at.lastIndexOf('/'))}/${target}`;
  }
  return at;
}

function deviceOf(
  { mode, rdev, uid, gid }: FileStatus,
  { destination, access }: DeviceSetting,
): GivenDevice | undefined {
  const kind = mode & S.IFMT;
  if (kind !== S.IFCHR && kind !== S.IFBLK) return undefined;
  const type = kind === S.IFCHR ? 'c' : 'b';
  const { major, minor } = numbersOf(rdev);
  return {
    device: { type, path: destination, major, minor, fileMode: mode & PERMISSIONS, uid, gid },
    rule: { allow: true, type, major, minor, access },
  };
}

/** Linux's encoding of a device number, new_decode_dev(). */
export function numbersOf(rdev: number): { readonly major: number; readonly minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}
