import { attempt, isSysError, retry, sys } from './call.ts';
import { O } from './constants.ts';

/** A descriptor that closes with its scope. */
export class Fd {
  #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  get number(): number {
    return this.#number;
  }

  /** Gives the number up to whoever closes it. */
  release(): number {
    const number = this.#number;
    this.#number = -1;
    return number;
  }

  close(): void {
    if (this.#number >= 0) attempt('close', this.#number);
    this.#number = -1;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The descriptor after a step without which nobody would have it: closed if that fails. */
export function keptAfter(fd: Fd, step: (fd: Fd) => void): Fd {
  try {
    step(fd);
    return fd;
  } catch (error) {
    fd.close();
    throw error;
  }
}

/** open(2) with O_CLOEXEC. */
export function openFile(path: string, flags: number, mode = 0): Fd {
  return new Fd(retry('open', path, flags | O.CLOEXEC, mode));
}

/** openat(2) with O_CLOEXEC. */
export function openAt(directory: number, path: string | Uint8Array, flags: number, mode = 0): Fd {
  return new Fd(retry('openat', directory, path, flags | O.CLOEXEC, mode));
}

/** All bytes until the end of the file; refuses more than `limit`. */
export function readAll(fd: number, limit = 16 << 20): Uint8Array {
  let buffer = new Uint8Array(8192);
  let length = 0;
  for (;;) {
    if (length === buffer.length) {
      if (length >= limit) throw new RangeError(`more than ${limit} bytes`);
      const larger = new Uint8Array(Math.min(limit, length * 4));
      larger.set(buffer);
      buffer = larger;
    }
    const count = retry('read', fd, length === 0 ? buffer : buffer.subarray(length), buffer.length - length);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
  }
}

export function readText(path: string, limit?: number): string {
  using fd = openFile(path, O.RDONLY);
  const content = readAll(fd.number, limit);
  return utf8(content, 0, content.length);
}

/** The text, or undefined where the file does not exist. */
export function readTextIfThere(path: string, limit?: number): string | undefined {
  try {
    return readText(path, limit);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes all bytes, however often the kernel takes less. */
export function writeAll(fd: number, content: Uint8Array): void {
  for (let at = 0; at < content.length;) {
    at += retry('write', fd, at === 0 ? content : content.subarray(at), content.length - at);
  }
}

/** The UTF-8 bytes of a text, without the NUL that `bytes` adds. */
export function encode(text: string): Uint8Array {
  const terminated = bytes(text);
  return terminated.subarray(0, terminated.length - 1);
}

/** One write(2) into an existing file, as the files of cgroupfs and procfs want it. */
export function writeExisting(path: string, text: string): void {
  using fd = openFile(path, O.WRONLY);
  sys('write', fd.number, text, encode(text).length);
}

/** A new file of mode 0600 that must not exist yet. */
export function createFile(path: string, text: string, mode = 0o600): void {
  using fd = openFile(path, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, mode);
  writeAll(fd.number, encode(text));
}

/** Replaces a file by rename: readers see the old or the new content, whole. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  attempt('unlink', temporary);
  createFile(temporary, text);
  sys('rename', temporary, path);
}

/** As replaceFile(), and the power's end leaves the old or the new content too, on any file system. */
export function replaceDurably(path: string, text: string): void {
  const temporary = `${path}.new`;
  attempt('unlink', temporary);
  createDurably(temporary, text);
  sys('rename', temporary, path);
}

/** As createFile(), and its content is on the disk before this returns. */
export function createDurably(path: string, text: string): void {
  using fd = openFile(path, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, 0o600);
  writeAll(fd.number, encode(text));
  sys('fsync', fd.number);
}

/** The names in a directory, without `.` and `..`. */
export function readDirectory(path: string): string[] {
  using fd = openFile(path, O.RDONLY | O.DIRECTORY);
  return readDirectoryAt(fd.number);
}

/** As `readDirectory`, of an open directory. Records: struct linux_dirent64, getdents(2). */
export function readDirectoryAt(fd: number): string[] {
  const buffer = new Uint8Array(32768);
  const names: string[] = [];
  for (;;) {
    const length = sys('getdents64', fd, buffer, buffer.length);
    if (length === 0) return names;
    for (let at = 0; at < length;) {
      const size = (buffer[at + 16] ?? 0) | ((buffer[at + 17] ?? 0) << 8);
      const name = utf8(buffer, at + 19, indexOf(buffer, 0, at + 19, at + size));
      if (name !== '.' && name !== '..') names.push(name);
      at += size;
    }
  }
}

/** Makes the directory and its missing parents. */
export function makeDirectories(path: string, mode = 0o755): void {
  const result = attempt('mkdir', path, mode);
  if (result === 0 || result === -17) return;
  const cut = path.lastIndexOf('/');
  if (result !== -2 || cut <= 0) sys('mkdir', path, mode);
  makeDirectories(path.slice(0, cut), mode);
  const again = attempt('mkdir', path, mode);
  if (again !== -17 && again < 0) sys('mkdir', path, mode);
}
