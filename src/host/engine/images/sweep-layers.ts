import { textOf } from '../../../pure/store/database.ts';
import { sweepTrees } from '../../snapshot/sweep-trees.ts';
import { allContainers } from '../find-container.ts';
import type { Roots } from '../roots.ts';
import { forgetLayers } from './forget-layers.ts';
import { configsOf } from './used-images.ts';
import { readingImages } from './host-database.ts';

/**
 * Removes what is kept of layers beside their files, the trees in a store whose layers are directories and the names
 * of containers that have them mounted, for those that neither an image nor a container has any more. A container
 * keeps the layers of an image that was removed by force.
 */
export function sweepLayers(roots: Roots): void {
  const known = knownLayers(roots);
  sweepTrees(roots.store, (name) => known.has(name));
  forgetLayers(roots, (name) => known.has(name));
}

function knownLayers(roots: Roots): ReadonlySet<string> {
  const ofImages = readingImages(roots, [], (db) =>
    db.query('SELECT file FROM layers', []).map((row) => textOf(row[0])),
  );
  const ofContainers = configsOf(allContainers(roots)).flatMap(({ image }) => image?.layers ?? []);
  return new Set([...ofImages, ...ofContainers].map((file) => file.slice(file.lastIndexOf('/') + 1)));
}
