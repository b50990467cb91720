import { attempt, sys } from '../kernel/call.ts';
import { AT, O, S } from '../kernel/constants.ts';
import { openFile } from '../kernel/files.ts';
import { statusAt } from '../kernel/stat.ts';

/** Writes a file: under a name of its own until it is whole, so that a failure keeps what was there. */
export function toFile(path: string, write: (fd: number) => void): void {
  const there = statusAt(AT.FDCWD, path);
  // A device, a pipe or a link is written to as it is.
  const isPlain = there === undefined || (there.mode & S.IFMT) === S.IFREG;
  if (!isPlain) {
    using target = openFile(path, O.WRONLY | O.TRUNC);
    return write(target.number);
  }
  const temporary = `${path}.corten-new`;
  try {
    using file = openFile(temporary, O.WRONLY | O.CREAT | O.TRUNC | O.NOFOLLOW, 0o600);
    write(file.number);
    sys('rename', temporary, path);
  } catch (error) {
    attempt('unlink', temporary);
    throw error;
  }
}
