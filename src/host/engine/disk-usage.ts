import { storeUsage, type ImageUsage, type StoreUsage } from '../../pure/store/usage.ts';
import { openContainer, statusOf } from './container-status.ts';
import { containerUsage } from './container-changes.ts';
import { allContainers } from './find-container.ts';
import { readingImages } from './images/host-database.ts';
import { usedImages } from './images/used-images.ts';
import type { Roots } from './roots.ts';

export interface DiskUsage {
  readonly images: readonly (ImageUsage & { readonly isUsed: boolean })[];
  readonly containers: readonly ContainerUsage[];
  /** Bytes of blobs and layers. */
  readonly imagesSize: number;
  /** Bytes that removing every image without a container would free. */
  readonly imagesReclaimable: number;
  /** Bytes of what ended pulls left. */
  readonly leftovers: number;
}

export interface ContainerUsage {
  readonly id: string;
  readonly name: string;
  readonly isRunning: boolean;
  /** Bytes that it wrote. */
  readonly size: number;
}

const EMPTY: StoreUsage = { images: [], size: 0, unneeded: 0 };

/** What takes how much of the disk. */
export function diskUsage(roots: Roots): DiskUsage {
  const usage = readingImages(roots, EMPTY, storeUsage);
  const used = usedImages(roots);
  const images = usage.images.map((image) => ({ ...image, isUsed: used.has(image.id) }));
  return {
    images,
    containers: allContainers(roots).map((places) => ({
      id: places.id,
      name: places.name,
      isRunning: isRunning(places),
      size: containerUsage(places).size,
    })),
    imagesSize: usage.size - usage.unneeded,
    // What several unused images share is freed too, but is not counted: at least this much.
    imagesReclaimable: images.filter(({ isUsed }) => !isUsed).reduce((sum, { unique }) => sum + unique, 0),
    leftovers: usage.unneeded,
  };
}

function isRunning(places: Parameters<typeof openContainer>[0]): boolean {
  using directory = openContainer(places);
  return directory !== undefined && statusOf(directory.number).isHeld;
}
