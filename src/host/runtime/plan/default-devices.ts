import type { Device, DeviceRule } from '../../../pure/spec/runtime.ts';

/** config-linux.md#default-devices; /dev/console and /dev/ptmx are made otherwise. */
export const DEFAULT_DEVICES: readonly Device[] = [
  device('null', 1, 3),
  device('zero', 1, 5),
  device('full', 1, 7),
  device('random', 1, 8),
  device('urandom', 1, 9),
  device('tty', 5, 0),
];

function device(name: string, major: number, minor: number): Device {
  return { type: 'c', path: `/dev/${name}`, major, minor, fileMode: 0o666 };
}

/** Any node may be made; the default devices, terminals (136 on) and /dev/ptmx (5:2) opened, as runc allows it. */
export const DEFAULT_DEVICE_RULES: readonly DeviceRule[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...DEFAULT_DEVICES.map(({ major, minor }): DeviceRule => ({
    allow: true,
    type: 'c',
    major,
    minor,
    access: 'rwm',
  })),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
  { allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' },
];

/** Links that programs expect in /dev (config-linux.md#dev-symbolic-links). */
export const DEVICE_LINKS: readonly (readonly [name: string, target: string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['core', '/proc/kcore'],
  ['ptmx', 'pts/ptmx'],
];
