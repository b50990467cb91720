import { isSysError, sys } from '../kernel/call.ts';
import { readDirectoryAt } from '../kernel/files.ts';
import { exists, lockNames, readName, type Places } from './places.ts';

/** Frees the name of what is gone; false where its directory is there (again): then the name has to stay. */
export function releaseName({ names, name, id, directory }: Places): boolean {
  try {
    using folder = lockNames(names, 'alone');
    if (exists(directory)) return false;
    const own = isNameOf(folder.number, name, id)
      ? name
      : // It was renamed meanwhile.
        readDirectoryAt(folder.number).find((other) => isNameOf(folder.number, other, id));
    if (own !== undefined) sys('unlinkat', folder.number, own, 0);
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
  return true;
}

function isNameOf(folder: number, name: string, id: string): boolean {
  try {
    return readName(folder, name) === id;
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'EINVAL')) return false;
    throw error;
  }
}
