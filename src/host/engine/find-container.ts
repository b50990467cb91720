import type { Places } from '../monitor/places.ts';
import { engineError, noSuchContainer } from './errors.ts';
import { allNamed, lookUp, openNames } from './names/look-up.ts';
import { namesFolder, placesOf, type Roots } from './roots.ts';

/**
 * The container that a user means: by name, by ID or by the first digits of one. A name wins. Throws
 * ENGINE_CONTAINER_NOT_FOUND, ENGINE_CONTAINER_AMBIGUOUS.
 */
export function findContainer(roots: Roots, wanted: string): Places {
  using names = openNames(namesFolder(roots), roots.store);
  const [found, second] = names === undefined ? [] : lookUp(names.number, wanted);
  if (found === undefined) throw noSuchContainer(wanted);
  if (second === undefined) return placesOf(roots, found.id, found.name);
  throw engineError(
    'ENGINE_CONTAINER_AMBIGUOUS',
    `More than one container's ID begins with ${wanted}: give more digits`,
  );
}

/** Every container that there is anything of, in no order. */
export function allContainers(roots: Roots): readonly Places[] {
  using names = openNames(namesFolder(roots), roots.store);
  return names === undefined ? [] : allNamed(names.number).map(({ id, name }) => placesOf(roots, id, name));
}
