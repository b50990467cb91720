import type { Volume, VolumeOptions, VolumeType } from '../../engine/run-request.ts';
import { toBytes } from '../binary-size.ts';
import { usageError } from '../corten-context.ts';
import { absolutePath } from '../corten-paths.ts';
import { checkVolumeName, destinationOf, PROPAGATIONS } from './parse-volume.ts';

/** What Docker gives a tmpfs (oci/defaults.go and daemon/volumes_unix.go). */
const TMPFS_DEFAULTS = ['noexec', 'nosuid', 'nodev'];
const OPPOSITES: ReadonlyMap<string, string> = new Map([
  ['exec', 'noexec'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
]);
const TMPFS_FLAGS =
  /^(?:rw|ro|(?:no)?(?:exec|suid|dev|atime|diratime)|strictatime|relatime|sync|async|dirsync|tmpcopyup|notmpcopyup)$/;
const TMPFS_VALUES =
  /^(?:size=\d+[bkmgKMG%]?|mode=[0-7]{1,5}|uid=\d{1,10}|gid=\d{1,10}|nr_inodes=\d+[kmgKMG]?|nr_blocks=\d+[kmgKMG]?)$/;
const TYPES: readonly string[] = ['bind', 'volume', 'tmpfs', 'image'];

/** The values of --mount and of --tmpfs. */
export function parseMounts(mounts: readonly string[], tmpfs: readonly string[]): readonly Volume[] {
  return [...mounts.map(parseMount), ...tmpfs.map(parseTmpfs)];
}

/** `DIR[:OPTIONS]` */
function parseTmpfs(text: string): Volume {
  const colon = text.indexOf(':');
  const path = colon < 0 ? text : text.slice(0, colon);
  const mode = colon < 0 ? '' : text.slice(colon + 1);
  const given = mode === '' ? [] : mode.split(',');
  const wrong = given.find((option) => !TMPFS_FLAGS.test(option) && !TMPFS_VALUES.test(option));
  if (wrong !== undefined)
    throw usageError(
      `The option "${wrong}" of --tmpfs ${path} is unknown: give size=, mode=, ro, exec or their like`,
    );
  return tmpfsAt(destinationOf(path, text), mode, given);
}

function tmpfsAt(destination: string, mode: string, given: readonly string[]): Volume {
  const options = TMPFS_DEFAULTS.filter((one) => !given.some((other) => OPPOSITES.get(other) === one));
  const extra = given.filter((one) => !['ro', 'rw', 'notmpcopyup'].includes(one) && !options.includes(one));
  return {
    type: 'tmpfs',
    source: '',
    destination,
    isReadOnly: given.includes('ro'),
    propagation: 'rprivate',
    mode,
    options: { mount: [...options, ...extra] },
  };
}

/** `type=KIND,KEY=VALUE,…`, a line of CSV as Docker reads it. */
function parseMount(text: string): Volume {
  const fields = new Map<string, string>();
  for (const field of splitFields(text)) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    fields.set(ALIASES.get(key) ?? key, equals < 0 ? 'true' : field.slice(equals + 1));
  }
  const type = fields.get('type') ?? 'volume';
  if (!TYPES.includes(type))
    throw usageError(`The type "${type}" of --mount is unknown: give bind, volume, tmpfs or image`);
  const unknown = [...fields.keys()].find(
    (key) => !COMMON.includes(key) && !OWN[type as VolumeType].includes(key),
  );
  if (unknown !== undefined) throw usageError(`The key "${unknown}" of --mount type=${type} is unknown`);
  const target = fields.get('dst');
  if (target === undefined) throw usageError(`The mount "${text}" needs a place in the container: dst=DIR`);
  return volumeFrom(type as VolumeType, fields, destinationOf(target, text));
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['source', 'src'],
  ['target', 'dst'],
  ['destination', 'dst'],
  ['readonly', 'ro'],
  ['chown', 'u'],
  ['volume-subpath', 'subpath'],
  ['image-subpath', 'subpath'],
]);
const COMMON = ['type', 'src', 'dst', 'ro', 'consistency', 'relabel'];
const OWN: Readonly<Record<VolumeType, readonly string[]>> = {
  bind: ['bind-propagation', 'bind-nonrecursive', 'bind-recursive', 'bind-create-src', 'u', 'idmap'],
  volume: ['volume-nocopy', 'subpath', 'u'],
  tmpfs: ['tmpfs-size', 'tmpfs-mode', 'u'],
  image: ['subpath'],
};

function volumeFrom(type: VolumeType, fields: ReadonlyMap<string, string>, destination: string): Volume {
  const isReadOnly = type === 'image' || isOn(fields, 'ro');
  if (type === 'tmpfs') return { ...tmpfsAt(destination, '', tmpfsOptions(fields)), isReadOnly };
  const propagation = fields.get('bind-propagation') ?? 'rprivate';
  if (!PROPAGATIONS.has(propagation))
    throw usageError(`The propagation "${propagation}" of --mount is unknown`);
  const options = optionsFrom(type, fields);
  return {
    type,
    source: sourceOf(type, fields.get('src') ?? ''),
    destination,
    isReadOnly,
    propagation,
    mode: '',
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}

function sourceOf(type: VolumeType, source: string): string {
  if (type === 'volume') {
    if (source !== '') checkVolumeName(source);
    return source;
  }
  if (source === '') throw usageError(`A mount of type ${type} needs a source: src=…`);
  return type === 'bind' ? absolutePath(source) : source;
}

function optionsFrom(type: VolumeType, fields: ReadonlyMap<string, string>): VolumeOptions {
  const recursive = fields.get('bind-recursive');
  if (recursive !== undefined && !['enabled', 'disabled', 'writable', 'readonly'].includes(recursive))
    throw usageError(`The key bind-recursive of --mount takes enabled or disabled, not "${recursive}"`);
  const subpath = fields.get('subpath');
  if (subpath !== undefined && (subpath.startsWith('/') || subpath.split('/').includes('..')))
    throw usageError(`The subpath "${subpath}" of --mount must lie below its source`);
  return {
    ...(type === 'volume' && (fields.get('src') ?? '') === '' ? { isAnonymous: true } : {}),
    ...(isOn(fields, 'volume-nocopy') ? { isNotCopied: true } : {}),
    ...(isOn(fields, 'u') ? { isOwned: true } : {}),
    ...(isOn(fields, 'bind-nonrecursive') || recursive === 'disabled' ? { isNotRecursive: true } : {}),
    ...(isOn(fields, 'bind-create-src') ? { isMade: true } : {}),
    ...(subpath === undefined ? {} : { subpath }),
  };
}

function tmpfsOptions(fields: ReadonlyMap<string, string>): readonly string[] {
  const size = fields.get('tmpfs-size');
  const mode = fields.get('tmpfs-mode');
  const bytes = size === undefined ? undefined : toBytes(size);
  if (size !== undefined && (bytes === undefined || bytes <= 0))
    throw usageError(`The key tmpfs-size of --mount takes a size such as 64m, not "${size}"`);
  if (mode !== undefined && !/^[0-7]{1,5}$/.test(mode))
    throw usageError(`The key tmpfs-mode of --mount takes an octal number, not "${mode}"`);
  return [...(bytes === undefined ? [] : [`size=${bytes}`]), ...(mode === undefined ? [] : [`mode=${mode}`])];
}

function isOn(fields: ReadonlyMap<string, string>, key: string): boolean {
  const value = fields.get(key) ?? 'false';
  if (['true', '1', 'false', '0'].includes(value)) return value === 'true' || value === '1';
  throw usageError(`The key ${key} of --mount takes true or false, not "${value}"`);
}

/** At commas outside of quotes; a doubled quote within quotes is one. */
function splitFields(text: string): readonly string[] {
  const fields: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    fields.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
  }
  return fields.filter((field) => field !== '');
}
