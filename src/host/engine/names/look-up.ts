import { isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, readDirectoryAt, type Fd } from '../../kernel/files.ts';
import { readName } from '../../monitor/places.ts';
import { engineError } from '../errors.ts';

const ID_PREFIX = /^[0-9a-f]{1,64}$/;

/** A name and the ID that it leads to. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A folder of names; undefined where there never was one. Throws ENGINE_STORE_UNREADABLE. */
export function openNames(path: string, store: string): Fd | undefined {
  try {
    return openFile(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    if (!isSysError(error, 'EACCES', 'EPERM')) throw error;
    const text = `The store ${store} is not yours to read: type the same command as root, or name a store of your own by CORTEN_ROOT`;
    throw engineError('ENGINE_STORE_UNREADABLE', text, error);
  }
}

/** All that a user may mean: what has the name, or else everything whose ID begins so. */
export function lookUp(names: number, wanted: string): readonly Named[] {
  const isName =
    wanted !== '' && wanted !== '.' && wanted !== '..' && !wanted.includes('/') && wanted.length <= 255;
  const id = isName ? idOf(names, wanted) : undefined;
  if (id !== undefined) return [{ id, name: wanted }];
  return ID_PREFIX.test(wanted) ? allNamed(names).filter((one) => one.id.startsWith(wanted)) : [];
}

export function allNamed(names: number): readonly Named[] {
  return readDirectoryAt(names).flatMap((name) => {
    const id = idOf(names, name);
    return id === undefined ? [] : [{ id, name }];
  });
}

/** undefined where the name is free, as it may have become meanwhile. */
function idOf(names: number, name: string): string | undefined {
  try {
    return readName(names, name);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
