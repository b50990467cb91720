import { isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { isDirectory, statusOf } from '../../kernel/stat.ts';
import { engineError } from '../errors.ts';

export interface Input {
  readonly file: Fd;
  readonly isDirectory: boolean;
}

/** What a user named to be read. Throws ENGINE_ARCHIVE_MISSING. */
export function openInput(path: string): Input {
  try {
    const file = openFile(path, O.RDONLY);
    return { file, isDirectory: isDirectory(statusOf(file.number)) };
  } catch (error) {
    if (!isSysError(error)) throw error;
    throw engineError(
      'ENGINE_ARCHIVE_MISSING',
      `The archive ${path} cannot be read: ${error.message}`,
      error,
    );
  }
}
