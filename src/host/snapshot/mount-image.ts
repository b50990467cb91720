import { O } from '../kernel/constants.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { mountLayer } from './mount-layer.ts';
import { mountReadOnlyOverlay } from './mount-overlay.ts';

/**
 * An image's layers, bottom first, as one detached tree that nobody can write. `skeleton` is a directory below them
 * all. Throws what mountLayer() throws, and SNAPSHOT_OVERLAY_REFUSED.
 */
export function mountImageReadOnly(layers: readonly string[], skeleton: string): Fd {
  const lowers: Fd[] = [];
  try {
    lowers.push(openFile(skeleton, O.PATH | O.DIRECTORY | O.NOFOLLOW));
    for (const layer of layers) lowers.push(mountLayer(layer));
    return mountReadOnlyOverlay(lowers.map(({ number }) => number));
  } finally {
    for (const fd of lowers) fd.close();
  }
}
