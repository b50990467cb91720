import { findImage } from '../../pure/store/find-image.ts';
import type { Places } from '../monitor/places.ts';
import { readConfig, type ContainerConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { readingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

/** What was wanted of a container; undefined for one that was never made whole. */
export function describeContainer(places: Places): ContainerConfig | undefined {
  using directory = openContainer(places);
  try {
    return directory === undefined ? undefined : readConfig(directory.number, places.name);
  } catch {
    return undefined;
  }
}

export interface ImageOfContainers {
  readonly id: string;
  /** EROFS files of its layers, bottom first. */
  readonly layers: readonly string[];
  /** Bytes. */
  readonly size: number;
}

/** An image that containers may have been made from, by name or ID. */
export function imageOfContainers(roots: Roots, reference: string): ImageOfContainers | undefined {
  const record = readingImages(roots, undefined, (db) => findImage(db, reference));
  return record === undefined ? undefined : { id: record.id, layers: record.layers, size: record.size };
}
