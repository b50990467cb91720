import { textOf } from '../../../pure/store/database.ts';
import { sweepTrees } from '../../snapshot/sweep-trees.ts';
import { allContainers } from '../find-container.ts';
import type { Roots } from '../roots.ts';
import { configsOf } from './used-images.ts';
import { readingImages } from './host-database.ts';

/**
 * Removes the directory trees of layers that neither an image nor a container has any more, in a store whose layers
 * are directories. A container keeps those of an image that was removed by force.
 */
export function sweepLayerTrees(roots: Roots): void {
  sweepTrees(roots.store, () => {
    const ofImages = readingImages(roots, [], (db) =>
      db.query('SELECT file FROM layers', []).map((row) => textOf(row[0])),
    );
    const ofContainers = configsOf(allContainers(roots)).flatMap(({ image }) => image?.layers ?? []);
    return new Set([...ofImages, ...ofContainers].map((file) => file.slice(file.lastIndexOf('/') + 1)));
  });
}
