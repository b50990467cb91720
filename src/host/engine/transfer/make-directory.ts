import { isSysError } from '../../kernel/call.ts';
import { AT } from '../../kernel/constants.ts';
import { makeDirectories } from '../../kernel/files.ts';
import { isDirectory, statusAt } from '../../kernel/stat.ts';
import { engineError } from '../errors.ts';

/** Makes the directory that a user named, with those above it; false where it was there. Throws ENGINE_OUTPUT. */
export function makeDirectory(path: string): boolean {
  try {
    const there = statusAt(AT.FDCWD, `${path}/`);
    if (there !== undefined && isDirectory(there)) return false;
    makeDirectories(path);
    return true;
  } catch (error) {
    if (!isSysError(error)) throw error;
    throw engineError('ENGINE_OUTPUT', `The directory ${path} can't be made: ${error.message}`, error);
  }
}
