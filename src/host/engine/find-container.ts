import { isSysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openFile, readDirectoryAt, type Fd } from '../kernel/files.ts';
import { readName, type Places } from '../monitor/places.ts';
import { engineError, noSuchContainer } from './errors.ts';
import { namesFolder, placesOf, type Roots } from './roots.ts';

const ID_PREFIX = /^[0-9a-f]{1,64}$/;

/**
 * The container that a user means: by name, by ID or by the first digits of one. A name wins. Throws
 * ENGINE_CONTAINER_NOT_FOUND, ENGINE_CONTAINER_AMBIGUOUS.
 */
export function findContainer(roots: Roots, wanted: string): Places {
  using names = openNames(roots);
  const found =
    names === undefined
      ? undefined
      : (byName(roots, names.number, wanted) ?? byId(roots, names.number, wanted));
  if (found !== undefined) return found;
  throw noSuchContainer(wanted);
}

/** Every container that there is anything of, in no order. */
export function allContainers(roots: Roots): readonly Places[] {
  using names = openNames(roots);
  return names === undefined ? [] : containersIn(roots, names.number);
}

/** undefined where no container was ever made. */
function openNames(roots: Roots): Fd | undefined {
  try {
    return openFile(namesFolder(roots), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    if (!isSysError(error, 'EACCES', 'EPERM')) throw error;
    const text = `The store ${roots.store} is not yours to read: type the same command as root, or name a store of your own by CORTEN_ROOT`;
    throw engineError('ENGINE_STORE_UNREADABLE', text, error);
  }
}

function byName(roots: Roots, names: number, wanted: string): Places | undefined {
  const isName =
    wanted !== '' && wanted !== '.' && wanted !== '..' && !wanted.includes('/') && wanted.length <= 255;
  const id = isName ? idOf(names, wanted) : undefined;
  return id === undefined ? undefined : placesOf(roots, id, wanted);
}

function byId(roots: Roots, names: number, wanted: string): Places | undefined {
  if (!ID_PREFIX.test(wanted)) return undefined;
  const [first, second] = containersIn(roots, names).filter(({ id }) => id.startsWith(wanted));
  if (second === undefined) return first;
  throw engineError(
    'ENGINE_CONTAINER_AMBIGUOUS',
    `More than one container's ID begins with ${wanted}: give more digits`,
  );
}

function containersIn(roots: Roots, names: number): readonly Places[] {
  return readDirectoryAt(names).flatMap((name) => {
    const id = idOf(names, name);
    return id === undefined ? [] : [placesOf(roots, id, name)];
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
