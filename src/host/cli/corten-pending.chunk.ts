import { isSysError, sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { ERRNO } from '../kernel/errno.ts';
import { openFile, writeAll, encode, type Fd } from '../kernel/files.ts';
import { isCortenError } from '../../pure/base/errors.ts';
import { findContainer } from '../engine/find-container.ts';
import { removeContainer } from '../engine/remove-container.ts';
import type { Roots } from '../engine/roots.ts';
import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';

/** The file of --cidfile, or of another flag, made before anything else: it must not be there yet. */
export class CidFile {
  readonly #path: string;
  readonly #file: Fd;
  #isKept = false;

  constructor(path: string, flag: string) {
    this.#path = path;
    this.#file = open(path, flag);
  }

  write(id: string): void {
    writeAll(this.#file.number, encode(id));
  }

  /** The container is there: without this the file goes. */
  keep(): void {
    this.#isKept = true;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    if (!this.#isKept) sys('unlink', this.#path);
  }
}

function open(path: string, flag: string): Fd {
  try {
    return openFile(path, O.WRONLY | O.CREAT | O.EXCL, 0o644);
  } catch (error) {
    if (!isSysError(error)) throw error;
    const why =
      error.errno === ERRNO.EEXIST ? 'is there already: remove it first' : `can't be made: ${error.message}`;
    throw usageError(`The file ${path} of --${flag} ${why}`);
  }
}

/** --replace: whoever has the name makes room. */
export function makeRoom(roots: Roots, options: Options): void {
  const name = options.text('name');
  if (name === undefined) throw usageError('The flag --replace needs a name: give --name too');
  try {
    removeContainer(findContainer(roots, name), true, true);
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'ENGINE_CONTAINER_NOT_FOUND') throw error;
  }
}
