import { isCortenError } from '../../pure/base/errors.ts';
import { findContainer } from '../engine/find-container.ts';
import type { Roots } from '../engine/roots.ts';
import type { Places } from '../monitor/places.ts';
import { forEach, usageError } from './corten-context.ts';
import type { Options } from './options.ts';
import { print } from './runt-context.ts';

/** Flags of whatever is done to several containers, as podman has them. */
export const CONTAINERS_FLAGS = {
  all: { kind: 'switch', short: 'a', help: 'all containers that it can be done to' },
  ignore: { kind: 'switch', short: 'i', help: 'one that is not there is no error' },
} as const;

export interface ForContainers {
  /** What is to be done to them, for the sentence that asks for one: `stop`. */
  readonly what: string;
  /** Whether --all means those alone that run. */
  readonly isRunning: boolean;
  readonly isIgnoring?: boolean;
}

/** Does `work` for each container that is named, or for all of them, and prints how it was named. */
export function forEachContainer(
  { roots, options }: { readonly roots: Roots; readonly options: Options },
  { what, isRunning, isIgnoring = options.isOn('ignore') }: ForContainers,
  work: (places: Places) => void,
): number {
  const isAll = options.isOn('all');
  if (isAll && options.rest.length > 0) throw usageError('The flag --all goes with no name of a container');
  if (!isAll && options.rest.length === 0) throw usageError(`Name at least one container to ${what}`);
  return forEach(isAll ? idsOfAll(roots, isRunning) : options.rest, (wanted) => {
    try {
      work(findContainer(roots, wanted));
      print(`${wanted}\n`);
    } catch (error) {
      const isGone = isCortenError(error) && error.code === 'ENGINE_CONTAINER_NOT_FOUND';
      // One of all may have gone by itself meanwhile.
      if (!isGone || !(isIgnoring || isAll)) throw error;
    }
  });
}

function idsOfAll(roots: Roots, isRunning: boolean): readonly string[] {
  const chunk = load('cli/all-containers.chunk.js') as typeof import('./all-containers.chunk.ts');
  return chunk.idsOfAll(roots, isRunning);
}
