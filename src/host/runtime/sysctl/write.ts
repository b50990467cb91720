import { sys } from '../../kernel/call.ts';
import { MAGIC, O, RESOLVE } from '../../kernel/constants.ts';
import { encode, openFile } from '../../kernel/files.ts';
import { openInRoot } from '../../kernel/mounts.ts';
import { fileSystemOf } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';

/**
 * Sets a parameter of the namespaces that this process is in. Through the caller's own /proc, and never that of the
 * container, whose image could mislead the write to another file (CVE-2025-52881).
 */
export function writeSysctl(path: string, value: string): void {
  using parameters = openFile('/proc/sys', O.PATH | O.DIRECTORY);
  if (fileSystemOf(parameters.number) !== MAGIC.PROC) {
    throw runtimeError(
      'RUNTIME_PATH_UNSAFE',
      'The directory /proc/sys of the host is not of a proc file system',
    );
  }
  using file = openInRoot(parameters.number, path, O.WRONLY, RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV);
  sys('write', file.number, value, encode(value).length);
}
