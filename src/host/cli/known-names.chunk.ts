import { isCortenError, type CortenError } from '../../pure/base/errors.ts';
import { shortReference } from '../../pure/store/reference.ts';
import { allContainers } from '../engine/find-container.ts';
import { listImages } from '../engine/list-images.ts';
import { rootsOfCaller } from '../engine/as-user.ts';
import { orNearest } from './nearest.ts';

/** Loaded when a name is unknown: what was probably meant by it, as the end of a sentence; empty for no idea. */
export function hintFor(error: CortenError): string {
  const wanted = error.data?.['reference'] ?? error.data?.['container'];
  if (typeof wanted !== 'string') return '';
  try {
    return orNearest(wanted, () =>
      error.code === 'IMAGE_NOT_FOUND' ? imageNames(wanted) : containerNames(),
    );
  } catch (unreadable) {
    // The store can't be read: the first failure is the one to tell.
    if (isCortenError(unreadable)) return '';
    throw unreadable;
  }
}

function containerNames(): readonly string[] {
  return allContainers(rootsOfCaller()).map(({ name }) => name);
}

/** With their tags where the wanted name has one. */
export function imageNames(wanted: string): readonly string[] {
  const hasTag = /:[^/]*$/.test(wanted);
  return listImages(rootsOfCaller())
    .flatMap(({ references }) => references.map(shortReference))
    .filter((name) => !name.includes('@'))
    .map((name) => (hasTag ? name : name.replace(/:[^/:]*$/, '')));
}
