import { isSysError } from '../kernel/call.ts';
import { exists, JOURNAL_FILE, type Places } from '../monitor/places.ts';
import { noSuchContainer } from './errors.ts';

/**
 * Work on the files of a container, which another command may remove meanwhile: then that is said, and not which file
 * went first.
 */
export function whileThere<T>(places: Places, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isSysError(error, 'ENOENT', 'ESTALE')) throw error;
    // A removal begins with it.
    if (exists(`${places.directory}/${JOURNAL_FILE}`)) throw error;
    throw noSuchContainer(places.name);
  }
}
