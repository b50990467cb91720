import { readConfig } from '../container-config.ts';
import { openContainer } from '../container-status.ts';
import { allContainers } from '../find-container.ts';
import type { Roots } from '../roots.ts';

/** The containers made from images, by the image's ID: the name of one of them each. */
export function usedImages(roots: Roots): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const places of allContainers(roots)) {
    using directory = openContainer(places);
    const id = directory === undefined ? undefined : imageOf(directory.number, places.name);
    if (id !== undefined) used.set(id, places.name);
  }
  return used;
}

/** undefined for a container that was never made whole. */
function imageOf(directory: number, name: string): string | undefined {
  try {
    return readConfig(directory, name).image?.id;
  } catch {
    return undefined;
  }
}
