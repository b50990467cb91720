import { attempt, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { Fd, openFile } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';

const WRITABLE_BY_OTHERS = 0o022;

/** The path without any link in it; undefined where there is nothing. */
export function canonicalPath(path: string): string | undefined {
  const opened = attempt('open', path, O.PATH | O.CLOEXEC, 0);
  if (opened < 0) return undefined;
  using file = new Fd(opened);
  const buffer = new Uint8Array(4096);
  return utf8(buffer, 0, sys('readlink', `/proc/self/fd/${file.number}`, buffer, buffer.length));
}

/** Whether the file and every directory above it belong to root and nobody else may write them. */
export function isRootsAlone(canonical: string): boolean {
  const parts = canonical.split('/');
  return parts.every((_, index) => {
    using place = openFile(parts.slice(0, index + 1).join('/') || '/', O.PATH | O.NOFOLLOW);
    const { uid, mode } = statusOf(place.number);
    return uid === 0 && (mode & WRITABLE_BY_OTHERS) === 0;
  });
}
