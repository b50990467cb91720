import { isCortenError } from '../../pure/base/errors.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer, statusOf } from './container-status.ts';
import { engineError } from './errors.ts';
import { allContainers } from './find-container.ts';
import type { Roots } from './roots.ts';

type Filter = (config: ContainerConfig) => boolean;

/**
 * The names of the containers that don't run and fit all filters. Those of the policy unless-stopped that a user
 * has stopped are left out. Throws ENGINE_FILTER_UNKNOWN.
 */
export function containersToStart(roots: Roots, texts: readonly string[]): readonly string[] {
  const filters = texts.map(parseFilter);
  return allContainers(roots).flatMap((places) => {
    using directory = openContainer(places);
    if (directory === undefined) return [];
    const { state, journal } = statusOf(directory.number);
    if (state === 'running' || state === 'restarting') return [];
    const config = configIfWhole(directory.number, places.name);
    if (config === undefined || !filters.every((fits) => fits(config))) return [];
    const isLeft = config.settings?.restart?.name === 'unless-stopped' && journal.isStopped === true;
    return isLeft ? [] : [places.name];
  });
}

function configIfWhole(directory: number, name: string): ContainerConfig | undefined {
  try {
    return readConfig(directory, name);
  } catch (error) {
    if (isCortenError(error) && error.code === 'ENGINE_CONTAINER_DAMAGED') return undefined;
    throw error;
  }
}

function parseFilter(text: string): Filter {
  const [, key, value = ''] = /^([a-z-]+)=(.*)$/s.exec(text) ?? [];
  switch (key) {
    case 'restart-policy':
      return ({ settings }) => (settings?.restart?.name ?? 'no') === value;
    case 'name':
      return ({ name }) => name.includes(value);
    case 'label':
      return ({ labels }) =>
        labels.some(([label, content]) => value === label || value === `${label}=${content}`);
    default: {
      const why = `The filter "${text}" is unknown: give restart-policy=NAME, name=TEXT or label=KEY`;
      throw engineError('ENGINE_FILTER_UNKNOWN', why);
    }
  }
}
