import { attempt, sys } from './call.ts';
import { AT, S } from './constants.ts';
import { decodeStatus, type FileStatus } from './structures.ts';

export type { FileStatus };

export function statusOf(fd: number): FileStatus {
  const words = new BigUint64Array(18);
  sys('fstat', fd, words);
  return decodeStatus(words);
}

/** Of the name itself, never of what a link names; undefined where there is none. */
export function statusAt(directory: number, name: string | Uint8Array): FileStatus | undefined {
  const words = new BigUint64Array(18);
  const result = attempt('newfstatat', directory, name, words, AT.SYMLINK_NOFOLLOW);
  if (result === -2 || result === -20) return undefined;
  if (result < 0) sys('newfstatat', directory, name, words, AT.SYMLINK_NOFOLLOW);
  return decodeStatus(words);
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
  return { ...decodeStatus(words), mtime, allocated: Number(words[8]) * 512 };
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
