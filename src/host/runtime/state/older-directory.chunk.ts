// What versions before kept of a container: a directory in the place of the file, with these files in it. Such a
// container can be removed, nothing else; the last of them goes last.

import { attempt, isSysError, retry, sys } from '../../kernel/call.ts';
import { LOCK, O, S } from '../../kernel/constants.ts';
import { Fd, openFile, readDirectoryAt } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';
import { notFound } from './file.ts';
import { readRecords, StateRecords } from './records.ts';

const RECORDS = 'state.json';
const FILES: readonly string[] = ['exec.fifo', 'report.fifo', RECORDS];

/** As far as removing goes, the same as a StateFile. */
export class OlderDirectory {
  readonly root: string;
  readonly id: string;
  readonly #fd: Fd;

  constructor(root: string, id: string, fd: Fd) {
    this.root = root;
    this.id = id;
    this.#fd = fd;
  }

  read(): StateRecords {
    const flags = O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.NOCTTY | O.CLOEXEC;
    const result = attempt('openat', this.#fd.number, RECORDS, flags, 0);
    if (result < 0) return new StateRecords('');
    using file = new Fd(result);
    const { mode, size } = statusOf(file.number);
    return (mode & S.IFMT) === S.IFREG ? readRecords(file.number, size) : new StateRecords('');
  }

  remove(): void {
    for (const name of FILES) {
      try {
        sys('unlinkat', this.#fd.number, name, 0);
      } catch (error) {
        if (!isSysError(error, 'ENOENT')) throw error;
      }
    }
    sys('rmdir', `${this.root}/${this.id}`);
  }

  [Symbol.dispose](): void {
    this.#fd.close();
  }
}

/** undefined where it is no directory; one with anything else in it is left alone. */
export function lockOlderDirectory(root: string, id: string): OlderDirectory | undefined {
  const path = `${root}/${id}`;
  const fd = openIfDirectory(path);
  if (fd === undefined) return undefined;
  try {
    retry('flock', fd.number, LOCK.EX);
    if (statusOf(fd.number).links === 0) throw notFound(id);
    const other = readDirectoryAt(fd.number).find((name) => !FILES.includes(name));
    if (other === undefined) return new OlderDirectory(root, id, fd);
    const text = `${path} is a directory that holds ${JSON.stringify(other)}, which no version made: remove it by hand`;
    throw runtimeError('RUNTIME_STATE_UNREADABLE', text);
  } catch (error) {
    fd.close();
    throw error;
  }
}

function openIfDirectory(path: string): Fd | undefined {
  try {
    return openFile(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  } catch (error) {
    if (isSysError(error, 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}
