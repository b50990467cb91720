import { shortReference } from '../../../pure/store/reference.ts';
import type { RemovedImage } from '../../../pure/store/remove-image.ts';
import { recordStoreEvent } from '../record-event.ts';
import type { Roots } from '../roots.ts';

/** Puts on record which names an image lost, and that it went with the last. */
export function recordRemoved(roots: Roots, { id, untagged, deleted }: RemovedImage): void {
  for (const full of untagged) {
    const name = shortReference(full);
    recordStoreEvent(roots, { type: 'image', action: 'untag', id, attributes: { name } });
  }
  if (deleted !== undefined) recordStoreEvent(roots, { type: 'image', action: 'delete', id: deleted });
}
