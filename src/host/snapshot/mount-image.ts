import { O } from '../kernel/constants.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { mountLayer } from './mount-layer.ts';
import { mountReadOnlyOverlay } from './mount-overlay.ts';
import type { ImageMountRequest } from './rootfs-request.ts';

const OTHER_FORMS = 'snapshot/forms/other-forms.chunk.js';

/**
 * The files of an image as a detached mount that nobody can write, in the form that the store has. Throws
 * SNAPSHOT_OVERLAY_REFUSED where there is none.
 */
export function mountImage(request: ImageMountRequest): Fd {
  try {
    return mountByDescriptors(request);
  } catch (error) {
    const { mountImageOtherwise } = load(OTHER_FORMS) as typeof import('./forms/other-forms.chunk.ts');
    return mountImageOtherwise(request, error);
  }
}

function mountByDescriptors({ layers, bottom }: ImageMountRequest): Fd {
  const lowers: Fd[] = [];
  try {
    lowers.push(openFile(bottom, O.PATH | O.DIRECTORY | O.NOFOLLOW));
    for (const layer of layers) lowers.push(mountLayer(layer));
    return mountReadOnlyOverlay(lowers.map(({ number }) => number));
  } finally {
    for (const fd of lowers) fd.close();
  }
}
