import { attempt, sys } from './call.ts';
import { AT, S } from './constants.ts';

/** What callers need of struct stat (x86-64, arch/x86/include/uapi/asm/stat.h). */
export interface FileStatus {
  readonly device: bigint;
  readonly inode: bigint;
  /** Of a cgroup directory: 2 and one for each directory in it. */
  readonly links: number;
  /** S_IFMT bits and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
}

export function statusOf(fd: number): FileStatus {
  const words = new BigUint64Array(18);
  sys('fstat', fd, words);
  return decode(words);
}

/** Of the name itself, never of what a link names; undefined where there is none. */
export function statusAt(directory: number, name: string | Uint8Array): FileStatus | undefined {
  const words = new BigUint64Array(18);
  const result = attempt('newfstatat', directory, name, words, AT.SYMLINK_NOFOLLOW);
  if (result === -2 || result === -20) return undefined;
  if (result < 0) sys('newfstatat', directory, name, words, AT.SYMLINK_NOFOLLOW);
  return decode(words);
}

/** With the time of the last change of content, and what the file takes. */
export interface TimedStatus extends FileStatus {
  /** Bytes on the disk. */
  readonly allocated: number;
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
}

/** As statusAt(), with its time. */
export function timedStatusAt(directory: number, name: string | Uint8Array): TimedStatus | undefined {
  const words = new BigUint64Array(18);
  const result = attempt('newfstatat', directory, name, words, AT.SYMLINK_NOFOLLOW);
  if (result === -2 || result === -20) return undefined;
  if (result < 0) sys('newfstatat', directory, name, words, AT.SYMLINK_NOFOLLOW);
  const seconds = Number(BigInt.asIntN(64, words[11] ?? 0n));
  const mtime = { seconds, nanoseconds: Number(words[12]) };
  return { ...decode(words), mtime, allocated: Number(words[8]) * 512 };
}

export function isDirectory(status: FileStatus): boolean {
  return (status.mode & S.IFMT) === S.IFDIR;
}

export function isSymlink(status: FileStatus): boolean {
  return (status.mode & S.IFMT) === S.IFLNK;
}

/** Whether it is the character device major:minor. */
export function isCharacterDevice(status: FileStatus, major: number, minor: number): boolean {
  return (status.mode & S.IFMT) === S.IFCHR && status.rdev === deviceNumber(major, minor);
}

/** Linux's encoding of a device number (new_encode_dev); minors above 20 bits don't exist. */
export function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** The file system's magic number, statfs(2); `fd` or path. */
export function fileSystemOf(target: number | string): number {
  const words = new BigUint64Array(15);
  if (typeof target === 'string') sys('statfs', target, words);
  else sys('fstatfs', target, words);
  return Number(words[0]);
}

function decode(words: BigUint64Array): FileStatus {
  const halves = new Uint32Array(words.buffer);
  return {
    device: words[0] ?? 0n,
    inode: words[1] ?? 0n,
    links: Number(words[2]),
    mode: halves[6] ?? 0,
    uid: halves[7] ?? 0,
    gid: halves[8] ?? 0,
    rdev: Number(words[5]),
    size: Number(words[6]),
  };
}
