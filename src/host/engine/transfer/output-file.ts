import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { AT, O, S } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { Fd, openFile } from '../../kernel/files.ts';
import { statusAt } from '../../kernel/stat.ts';
import { engineError } from '../errors.ts';
import { randomId } from '../names/random.ts';

const MODE = 0o644;

/**
 * A file that takes its name only when it is whole: until then it has none (O_TMPFILE), so that whatever ends the
 * process leaves nothing. What is there already and no regular file, as a pipe, is written as it is.
 */
export class OutputFile {
  readonly path: string;
  readonly #file: Fd;
  /** A name of its own, on a file system that has no files without one. */
  readonly #temporary: string | undefined;
  readonly #isRegular: boolean;

  private constructor(path: string, file: Fd, own: { temporary?: string; isRegular: boolean }) {
    this.path = path;
    this.#file = file;
    this.#temporary = own.temporary;
    this.#isRegular = own.isRegular;
  }

  /** Throws ENGINE_OUTPUT. */
  static open(path: string): OutputFile {
    try {
      const there = statusAt(AT.FDCWD, path);
      const isRegular = there === undefined || (there.mode & S.IFMT) === S.IFREG;
      // A link is kept, and what it leads to is written.
      if (!isRegular)
        return new OutputFile(path, openFile(path, O.WRONLY | O.CREAT | O.TRUNC, MODE), { isRegular });
      return openNew(path, (file, temporary) => {
        return new OutputFile(path, file, { isRegular, ...(temporary === undefined ? {} : { temporary }) });
      });
    } catch (error) {
      if (!isSysError(error)) throw error;
      throw engineError('ENGINE_OUTPUT', `The file ${path} can't be written: ${error.message}`, error);
    }
  }

  get number(): number {
    return this.#file.number;
  }

  /** Gives the file its name, in place of what had it. */
  finish(): void {
    if (!this.#isRegular) return;
    const temporary = this.#temporary ?? `${this.path}.${randomId().slice(0, 12)}`;
    if (this.#temporary === undefined) {
      sys('linkat', AT.FDCWD, `/proc/self/fd/${this.number}`, AT.FDCWD, temporary, AT.SYMLINK_FOLLOW);
    }
    if (attempt('rename', temporary, this.path) === 0) return;
    attempt('unlink', temporary);
    throw engineError('ENGINE_OUTPUT', `The file ${this.path} can't be replaced`);
  }

  /** What was not finished is gone. */
  discard(): void {
    if (this.#temporary !== undefined) attempt('unlink', this.#temporary);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function openNew<T>(path: string, made: (file: Fd, temporary?: string) => T): T {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '.';
  const opened = attempt('open', folder, O.TMPFILE | O.RDWR | O.CLOEXEC, MODE);
  if (opened >= 0) return made(new Fd(opened));
  if (opened !== -ERRNO.EOPNOTSUPP && opened !== -ERRNO.EISDIR)
    sys('open', folder, O.TMPFILE | O.RDWR | O.CLOEXEC, MODE);
  const temporary = `${path}.${randomId().slice(0, 12)}`;
  return made(openFile(temporary, O.RDWR | O.CREAT | O.EXCL, MODE), temporary);
}
