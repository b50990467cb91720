import { isSysError, sys } from '../kernel/call.ts';
import { lockNames, readName, type Places } from '../monitor/places.ts';
import { engineError } from './errors.ts';
import { checkName } from './names/container-name.ts';
import { recordEvent } from './record-event.ts';

/** include/uapi/linux/fs.h */
const RENAME_NOREPLACE = 1;
const SHORT_ID = 12;

/** Gives a container another name, at once. Throws ENGINE_NAME_INVALID, ENGINE_NAME_TAKEN, ENGINE_CONTAINER_NOT_FOUND. */
export function renameContainer(places: Places, wanted: string): void {
  const { id, name, names } = places;
  checkName(wanted);
  using folder = lockNames(names, 'alone');
  try {
    // Somebody else may have renamed it before we had the lock.
    if (readName(folder.number, name) !== id) throw gone(name);
    sys('renameat2', folder.number, name, folder.number, wanted, RENAME_NOREPLACE);
    recordEvent(places, 'rename', { name: wanted, oldName: name });
  } catch (error) {
    if (isSysError(error, 'ENOENT')) throw gone(name, error);
    if (!isSysError(error, 'EEXIST')) throw error;
    const owner = readName(folder.number, wanted).slice(0, SHORT_ID);
    const text = `The name "${wanted}" belongs to the container ${owner}: remove that one by corten rm ${wanted}, or choose another name`;
    throw engineError('ENGINE_NAME_TAKEN', text, error);
  }
}

function gone(name: string, cause?: unknown): Error {
  return engineError('ENGINE_CONTAINER_NOT_FOUND', `There is no container "${name}" any more`, cause);
}
