import { sys } from '../call.ts';
import { MOUNT_ATTR, MS } from '../constants.ts';

/** statfs(2), f_flags, include/linux/statfs.h: the word in struct statfs, and its bits as mount(2) has them. */
const FLAGS_WORD = 10;
const OF_STATFS: readonly (readonly [bit: number, flag: number])[] = [
  [1, MS.RDONLY],
  [2, MS.NOSUID],
  [4, MS.NODEV],
  [8, MS.NOEXEC],
  [0x400, MS.NOATIME],
  [0x800, MS.NODIRATIME],
  [0x1000, MS.RELATIME],
  [0x2000, MS.NOSYMFOLLOW],
];
/** The same of mount_setattr(2)'s attributes; those of access times are a number among them. */
const OF_ATTRIBUTES: readonly (readonly [bit: number, flag: number])[] = [
  [MOUNT_ATTR.RDONLY, MS.RDONLY],
  [MOUNT_ATTR.NOSUID, MS.NOSUID],
  [MOUNT_ATTR.NODEV, MS.NODEV],
  [MOUNT_ATTR.NOEXEC, MS.NOEXEC],
  [MOUNT_ATTR.NODIRATIME, MS.NODIRATIME],
  [MOUNT_ATTR.NOSYMFOLLOW, MS.NOSYMFOLLOW],
];
const ACCESS_TIMES = MS.NOATIME | MS.RELATIME | MS.STRICTATIME;

export interface AttributeChange {
  /** MOUNT_ATTR_ flags. */
  readonly set: number;
  readonly clear: number;
}

/** What a mount's flags are to be, for mount(2) to set all of them anew. */
export function mountFlagsOf(mount: number, { set, clear }: AttributeChange): number {
  const statfs = new BigUint64Array(15);
  sys('fstatfs', mount, statfs);
  const current = flagsOf(Number(statfs[FLAGS_WORD] ?? 0n), OF_STATFS);
  // Where nothing is said of access times mount(2) means relatime.
  const flags = (current & ACCESS_TIMES) === 0 ? current | MS.STRICTATIME : current;
  const changed = (flags & ~flagsOf(clear, OF_ATTRIBUTES)) | flagsOf(set, OF_ATTRIBUTES);
  return (clear & MOUNT_ATTR.ATIME) === 0 ? changed : (changed & ~ACCESS_TIMES) | accessTimeOf(set);
}

export function flagsOfAttributes(attributes: number): number {
  return flagsOf(attributes, OF_ATTRIBUTES) | accessTimeOf(attributes);
}

function flagsOf(bits: number, table: typeof OF_STATFS): number {
  return table.reduce((flags, [bit, flag]) => ((bits & bit) === 0 ? flags : flags | flag), 0);
}

function accessTimeOf(set: number): number {
  switch (set & MOUNT_ATTR.ATIME) {
    case MOUNT_ATTR.NOATIME:
      return MS.NOATIME;
    case MOUNT_ATTR.STRICTATIME:
      return MS.STRICTATIME;
    default:
      return MS.RELATIME;
  }
}
