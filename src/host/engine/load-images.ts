import { isSysError, sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openFile } from '../kernel/files.ts';
import { isDirectory, statusOf } from '../kernel/stat.ts';
import { becomeNodeProgram } from './become-node-program.ts';
import { engineError } from './errors.ts';
import type { Roots } from './roots.ts';

export interface LoadRequest {
  /** The archive; standard input if undefined. */
  readonly file: string | undefined;
  readonly isQuiet: boolean;
}

/** Loads the images of an archive, and ends this process with its exit code. */
export function loadImages(roots: Roots, { file, isQuiet }: LoadRequest): never {
  if (file !== undefined) readFrom(file);
  const words = ['load', ...(isQuiet ? ['--quiet'] : [])];
  becomeNodeProgram(roots, { words, hasNetwork: false, readable: [] }, environ());
}

function readFrom(path: string): void {
  try {
    using file = openFile(path, O.RDONLY);
    if (isDirectory(statusOf(file.number))) {
      throw engineError('ENGINE_ARCHIVE_MISSING', `The archive ${path} is a directory`);
    }
    sys('dup3', file.number, 0, 0);
  } catch (error) {
    if (!isSysError(error)) throw error;
    throw engineError(
      'ENGINE_ARCHIVE_MISSING',
      `The archive ${path} cannot be read: ${error.message}`,
      error,
    );
  }
}
