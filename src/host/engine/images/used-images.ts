import { readConfig, type ContainerConfig } from '../container-config.ts';
import { openContainer } from '../container-status.ts';
import { allContainers } from '../find-container.ts';
import type { Places } from '../../monitor/places.ts';
import type { Roots } from '../roots.ts';

/** The containers made from images, by the image's ID: the name of one of them each. */
export function usedImages(roots: Roots): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const { image, name } of configsOf(allContainers(roots))) {
    if (image !== undefined) used.set(image.id, name);
  }
  return used;
}

/** What was wanted of each container; those that were never made whole are passed over. */
export function configsOf(containers: readonly Places[]): readonly ContainerConfig[] {
  return containers.flatMap((places) => {
    using directory = openContainer(places);
    const config = directory === undefined ? undefined : configOf(directory.number, places.name);
    return config === undefined ? [] : [config];
  });
}

function configOf(directory: number, name: string): ContainerConfig | undefined {
  try {
    return readConfig(directory, name);
  } catch {
    return undefined;
  }
}
