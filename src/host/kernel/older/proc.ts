import { SysError, attempt } from '../call.ts';
import { MAGIC, O } from '../constants.ts';
import { ERRNO } from '../errno.ts';
import { Fd, keptAfter, openAt } from '../files.ts';
import { fileSystemOf } from '../stat.ts';

/** The directory /proc, proven to be procfs: an image's own would tell what it likes. */
export function openProc(): Fd {
  const result = attempt('open', '/proc', O.PATH | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC, 0);
  if (result < 0) throw new SysError('open', ERRNO.ENOSYS, '/proc');
  return keptAfter(new Fd(result), (proc) => requireProc(proc, '/proc'));
}

/** Something in it, by a path that leads over no other file system. */
export function openInProc(proc: Fd, path: string, flags: number): Fd {
  return keptAfter(openAt(proc.number, path, flags), (file) => requireProc(file, path));
}

function requireProc(file: Fd, path: string): void {
  if (fileSystemOf(file.number) !== MAGIC.PROC) throw new SysError('openat', ERRNO.ENOSYS, path);
}
