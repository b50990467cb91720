import type { Places } from '../monitor/places.ts';
import { engineError, noSuchPod } from './errors.ts';
import { allNamed, lookUp, openNames } from './names/look-up.ts';
import { podNamesFolder, podPlacesOf, type Roots } from './roots.ts';

/** The pod that a user means, as findContainer() does it. Throws ENGINE_POD_NOT_FOUND, ENGINE_POD_AMBIGUOUS. */
export function findPod(roots: Roots, wanted: string): Places {
  using names = openNames(podNamesFolder(roots), roots.store);
  const [found, second] = names === undefined ? [] : lookUp(names.number, wanted);
  if (found === undefined) throw noSuchPod(wanted);
  if (second === undefined) return podPlacesOf(roots, found.id, found.name);
  throw engineError('ENGINE_POD_AMBIGUOUS', `More than one pod's ID begins with ${wanted}: give more digits`);
}

/** Every pod that there is anything of, in no order. */
export function allPods(roots: Roots): readonly Places[] {
  using names = openNames(podNamesFolder(roots), roots.store);
  return names === undefined
    ? []
    : allNamed(names.number).map(({ id, name }) => podPlacesOf(roots, id, name));
}
