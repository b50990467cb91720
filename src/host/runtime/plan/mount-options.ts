import { MOUNT_ATTR, MS } from '../../kernel/constants.ts';
import { runtimeError } from '../errors.ts';

/** What the options of a mount ask for (config.md#linux-mount-options). */
export interface MountOptions {
  readonly isBind: boolean;
  /** `rbind`: with the mounts below the source. */
  readonly isRecursiveBind: boolean;
  /** MOUNT_ATTR_ flags of the mount itself, and of it with all below. */
  readonly attributes: Attributes;
  readonly recursive: Attributes;
  /** MS_ flags of the file system. */
  readonly superFlags: number;
  readonly propagation: number;
  readonly isPropagationRecursive: boolean;
  /** `idmap` or `ridmap`. */
  readonly idMap: 'one' | 'all' | undefined;
  /** `tmpcopyup`: filled with what lies below it. */
  readonly copiesUp: boolean;
  /** For the file system itself. */
  readonly data: readonly string[];
}

export interface Attributes {
  readonly set: number;
  readonly clear: number;
}

type Change = readonly [set: number, clear: number];

const { RDONLY, NOSUID, NODEV, NOEXEC, ATIME, NOATIME, STRICTATIME, NODIRATIME, NOSYMFOLLOW } = MOUNT_ATTR;

/** Each also exists with an `r` before it, for the mount and all below. */
const ATTRIBUTES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['ro', [RDONLY, 0]],
  ['rw', [0, RDONLY]],
  ['nosuid', [NOSUID, 0]],
  ['suid', [0, NOSUID]],
  ['nodev', [NODEV, 0]],
  ['dev', [0, NODEV]],
  ['noexec', [NOEXEC, 0]],
  ['exec', [0, NOEXEC]],
  ['noatime', [NOATIME, ATIME]],
  ['atime', [0, ATIME]],
  ['relatime', [0, ATIME]],
  ['norelatime', [0, ATIME]],
  ['strictatime', [STRICTATIME, ATIME]],
  ['nostrictatime', [0, ATIME]],
  ['nodiratime', [NODIRATIME, 0]],
  ['diratime', [0, NODIRATIME]],
  ['nosymfollow', [NOSYMFOLLOW, 0]],
  ['symfollow', [0, NOSYMFOLLOW]],
]);

const SUPER_FLAGS: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['sync', [MS.SYNCHRONOUS, 0]],
  ['async', [0, MS.SYNCHRONOUS]],
  ['dirsync', [MS.DIRSYNC, 0]],
  ['lazytime', [MS.LAZYTIME, 0]],
  ['nolazytime', [0, MS.LAZYTIME]],
  ['silent', [MS.SILENT, 0]],
  ['loud', [0, MS.SILENT]],
  ['mand', [MS.MANDLOCK, 0]],
  ['nomand', [0, MS.MANDLOCK]],
  ['defaults', [0, 0]],
]);

const PROPAGATIONS: ReadonlyMap<string, number> = new Map([
  ['shared', MS.SHARED],
  ['slave', MS.SLAVE],
  ['private', MS.PRIVATE],
  ['unbindable', MS.UNBINDABLE],
]);

/** Every option that means something here; others go to the file system. */
export const MOUNT_OPTIONS: readonly string[] = [
  'bind',
  'rbind',
  'tmpcopyup',
  ...[...ATTRIBUTES.keys(), ...PROPAGATIONS.keys()].flatMap((name) => [name, `r${name}`]),
  ...SUPER_FLAGS.keys(),
];

const UNSUPPORTED: ReadonlySet<string> = new Set([
  'remount',
  'copy-symlink',
  'src-nofollow',
  'dest-nofollow',
]);

interface Draft {
  isBind: boolean;
  isRecursiveBind: boolean;
  attributes: Change;
  recursive: Change;
  superFlags: number;
  propagation: number;
  isPropagationRecursive: boolean;
  idMap: 'one' | 'all' | undefined;
  copiesUp: boolean;
  readonly data: string[];
}

export function parseMountOptions(options: readonly string[], field: string): MountOptions {
  const draft: Draft = {
    isBind: false,
    isRecursiveBind: false,
    attributes: [0, 0],
    recursive: [0, 0],
    superFlags: 0,
    propagation: 0,
    isPropagationRecursive: false,
    idMap: undefined,
    copiesUp: false,
    data: [],
  };
  for (const option of options) {
    if (UNSUPPORTED.has(option)) {
      const text = `The option ${option} of ${field}.options is not supported by this version: leave it out`;
      throw runtimeError('SPEC_FIELD_UNSUPPORTED', text);
    }
    if (!applyOption(draft, option)) draft.data.push(option);
  }
  const { attributes, recursive } = draft;
  return {
    ...draft,
    attributes: { set: attributes[0], clear: attributes[1] },
    recursive: { set: recursive[0], clear: recursive[1] },
  };
}

/** Later options win over earlier ones; false for what is none of the known names. */
function applyOption(draft: Draft, option: string): boolean {
  if (option === 'bind' || option === 'rbind') {
    draft.isBind = true;
    draft.isRecursiveBind ||= option === 'rbind';
    return true;
  }
  if (option === 'idmap' || option === 'ridmap') {
    draft.idMap = option === 'idmap' ? 'one' : 'all';
    return true;
  }
  if (option === 'tmpcopyup') {
    draft.copiesUp = true;
    return true;
  }
  const attribute = ATTRIBUTES.get(option);
  const superFlag = SUPER_FLAGS.get(option);
  const base = option.startsWith('r') ? option.slice(1) : '';
  const recursive = ATTRIBUTES.get(base);
  const propagation = PROPAGATIONS.get(option) ?? PROPAGATIONS.get(base);
  if (attribute !== undefined) draft.attributes = merged(draft.attributes, attribute);
  else if (superFlag !== undefined) draft.superFlags = (draft.superFlags | superFlag[0]) & ~superFlag[1];
  else if (recursive !== undefined) draft.recursive = merged(draft.recursive, recursive);
  else if (propagation !== undefined) {
    draft.propagation = propagation;
    draft.isPropagationRecursive = !PROPAGATIONS.has(option);
  } else return false;
  return true;
}

function merged(before: Change, [set, clear]: Change): Change {
  return [(before[0] & ~clear) | set, (before[1] & ~set) | clear];
}
