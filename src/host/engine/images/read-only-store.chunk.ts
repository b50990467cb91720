import { attempt } from '../../kernel/call.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { engineError } from '../errors.ts';

const W_OK = 2;

/** Why a store can't be written, if its file system, or the one where it would be made, is mounted read-only. */
export function readOnlyStore(store: string): Error | undefined {
  let place = store;
  while (attempt('access', place, 0) === -ERRNO.ENOENT && place !== '') {
    place = place.slice(0, place.lastIndexOf('/'));
  }
  if (attempt('access', place || '/', W_OK) !== -ERRNO.EROFS) return undefined;
  const text = `The store ${store} lies on a file system that is mounted read-only: mount it for writing, or name another store by CORTEN_ROOT`;
  return engineError('ENGINE_STORE_UNREADABLE', text);
}
