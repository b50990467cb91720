import type { Json } from '../../../pure/base/json.ts';
import type { Device, Linux, Namespace, NamespaceType, Propagation } from '../../../pure/spec/runtime.ts';
import {
  isAbsent,
  isEmpty,
  optionalRecord,
  present,
  refuse,
  refuseUnsupported,
  toChoice,
  toFilledText,
  toList,
  toNumber,
  toRecord,
  toText,
} from './fields.ts';
import { sysctlModule } from '../sysctl/sysctls.ts';
import { seccompCompiler } from '../seccomp/compiler.ts';
import { timeNamespaces } from '../time-namespace/time-namespaces.ts';
import { parseIdMappings } from './id-mappings.ts';
import { parseResources } from './resources.ts';

const UNSUPPORTED = ['intelRdt', 'mountLabel', 'netDevices', 'memoryPolicy'];
export const NAMESPACES: readonly NamespaceType[] = [
  'user',
  'pid',
  'network',
  'mount',
  'ipc',
  'uts',
  'cgroup',
  'time',
];
/** include/uapi/linux/personality.h */
const PER_LINUX32 = 8;
const PROPAGATIONS: readonly Propagation[] = ['shared', 'slave', 'private', 'unbindable'];
const ID = [0, 2 ** 32 - 2] as const;

/** config-linux.md */
export function parseLinux(value: Json | undefined, at: string): Linux {
  const record = optionalRecord(value, at);
  refuseUnsupported(record, at, UNSUPPORTED);
  const { seccomp: profile } = record;
  const seccomp = isAbsent(profile) ? undefined : seccompCompiler().parseSeccomp(profile, `${at}.seccomp`);
  const namespaces = parseNamespaces(record['namespaces'], `${at}.namespaces`);
  return {
    namespaces,
    ...parseIdMappings(record, namespaces, at),
    devices: toList(record['devices'], `${at}.devices`, parseDevice),
    resources: parseResources(record['resources'], `${at}.resources`),
    ...(seccomp === undefined ? {} : { seccomp }),
    maskedPaths: toList(record['maskedPaths'], `${at}.maskedPaths`, toAbsolutePath),
    readonlyPaths: toList(record['readonlyPaths'], `${at}.readonlyPaths`, toAbsolutePath),
    ...present<{ personality: number }>(record, at, { personality: parsePersonality }),
    ...(isEmpty(record['timeOffsets'])
      ? {}
      : {
          timeOffsets: timeNamespaces().parseTimeOffsets(
            record['timeOffsets'],
            `${at}.timeOffsets`,
            namespaces,
          ),
        }),
    ...(isEmpty(record['sysctl'])
      ? {}
      : { sysctls: sysctlModule().parseSysctls(record['sysctl'], `${at}.sysctl`, namespaces) }),
    ...(record['cgroupsPath'] === ''
      ? {}
      : present<{ cgroupsPath: string }>(record, at, { cgroupsPath: toCgroupsPath })),
    ...(record['rootfsPropagation'] === ''
      ? {}
      : present<{ rootfsPropagation: Propagation }>(record, at, {
          rootfsPropagation: toPropagation,
        })),
  };
}

/** config-linux.md#personality: no flag of the specification exists yet. */
function parsePersonality(value: Json | undefined, at: string): number {
  const record = toRecord(value, at);
  refuseUnsupported(record, at, ['flags']);
  return toChoice(record['domain'], `${at}.domain`, ['LINUX', 'LINUX32'] as const) === 'LINUX'
    ? 0
    : PER_LINUX32;
}

function parseNamespaces(value: Json | undefined, at: string): readonly Namespace[] {
  const namespaces = toList(value, at, parseNamespace);
  namespaces.forEach(({ type }, index) => {
    if (namespaces.findIndex((other) => other.type === type) !== index) {
      refuse(`${at}[${index}].type`, `of a kind that no entry before has, not ${type} again`);
    }
  });
  if (!namespaces.some(({ type }) => type === 'mount')) refuse(at, 'a list with a mount namespace');
  return namespaces;
}

function parseNamespace(value: Json | undefined, at: string): Namespace {
  const record = toRecord(value, at);
  const { type } = record;
  const path = isAbsent(record['path']) ? '' : toText(record['path'], `${at}.path`);
  if (path !== '' && !path.startsWith('/')) refuse(`${at}.path`, 'an absolute path');
  const known = toChoice(type, `${at}.type`, NAMESPACES);
  return path === '' ? { type: known } : { type: known, path };
}

function parseDevice(value: Json | undefined, at: string): Device {
  const record = toRecord(value, at);
  const type = toChoice(record['type'], `${at}.type`, ['c', 'b', 'u', 'p'] as const);
  const number = (name: string): number =>
    type === 'p' && isAbsent(record[name]) ? 0 : toNumber(record[name], `${at}.${name}`, [0, 2 ** 20 - 1]);
  return {
    type,
    path: toAbsolutePath(record['path'], `${at}.path`),
    major: number('major'),
    minor: number('minor'),
    ...present<{ fileMode: number; uid: number; gid: number }>(record, at, {
      fileMode: (mode, where) => toNumber(mode, where, [0, 0o177777]),
      uid: (id, where) => toNumber(id, where, ID),
      gid: (id, where) => toNumber(id, where, ID),
    }),
  };
}

function toAbsolutePath(value: Json | undefined, at: string): string {
  const path = toText(value, at);
  return path.startsWith('/') ? path : refuse(at, 'an absolute path');
}

/** Below the root of each hierarchy, never that root itself: deleting the container kills what is in it. */
function toCgroupsPath(value: Json | undefined, at: string): string {
  const parts = toFilledText(value, at)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) refuse(at, 'a path without ".."');
  if (parts.length === 0) refuse(at, 'a path below the root of the hierarchies');
  return `/${parts.join('/')}`;
}

/** `rslave` is what `slave` means here: the root of the container and all below it. */
function toPropagation(value: Json | undefined, at: string): Propagation {
  const text = toText(value, at);
  return toChoice(text.startsWith('r') ? text.slice(1) : text, at, PROPAGATIONS);
}
