import { sys } from './call.ts';

/** What a directory holds under one name. */
export interface NamedEntry {
  /** As the kernel has it, which need not be UTF-8, with a NUL at its end: a path for another call. */
  readonly name: Uint8Array;
  /** DT_ number of include/linux/fs_types.h: S_IFMT's bits shifted down by 12; 0 where the file system doesn't tell. */
  readonly type: number;
}

const BUFFER = 32768;
const NAME_AT = 19;
const TYPE_AT = 18;
const SIZE_AT = 16;
const DOT = 0x2e;

/** All names of an open directory, without `.` and `..`. Records: struct linux_dirent64, getdents(2). */
export function namesIn(fd: number): NamedEntry[] {
  const buffer = new Uint8Array(BUFFER);
  const entries: NamedEntry[] = [];
  for (;;) {
    const length = sys('getdents64', fd, buffer, buffer.length);
    if (length === 0) return entries;
    for (let at = 0; at < length;) {
      const size = (buffer[at + SIZE_AT] ?? 0) | ((buffer[at + SIZE_AT + 1] ?? 0) << 8);
      const end = indexOf(buffer, 0, at + NAME_AT, at + size) + 1;
      if (!isDots(buffer, at + NAME_AT, end)) {
        entries.push({ name: buffer.slice(at + NAME_AT, end), type: buffer[at + TYPE_AT] ?? 0 });
      }
      at += size;
    }
  }
}

function isDots(buffer: Uint8Array, start: number, end: number): boolean {
  if (buffer[start] !== DOT || end - start > 3) return false;
  return end - start === 2 || buffer[start + 1] === DOT;
}
