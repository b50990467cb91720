import { isCortenError } from '../../../pure/base/errors.ts';
import { isSysError } from '../../kernel/call.ts';
import type { MountedRootfs, RootfsRequest } from '../rootfs-request.ts';
import { sweepTrees } from './directory-layers.ts';
import { mountRootfsAs } from './mount-as.ts';
import { probeStore } from './probe.ts';
import { recordedForm, recordForm, type StoreForm } from './store-form.ts';

/** What no other form would make better. */
const FINAL: ReadonlySet<string> = new Set(['SNAPSHOT_LAYER_MISSING', 'SNAPSHOT_LAYER_DAMAGED']);

/** mountRootfs() where layers by file and an overlay by descriptors gave an error. */
export function mountOtherwise(request: RootfsRequest, error: unknown): MountedRootfs {
  if (!isSysError(error) && (!isCortenError(error) || FINAL.has(error.code))) throw error;
  const recorded = recordedForm(request.store);
  if (recorded !== undefined && !isUsual(recorded)) {
    try {
      return mountRootfsAs(recorded, request);
    } catch (failure) {
      // The record may be older than what the machine is now.
      if (isCortenError(failure) && FINAL.has(failure.code)) throw failure;
    }
  }
  const form = findForm(request.store);
  if (isUsual(form)) throw error;
  return mountRootfsAs(form, request);
}

export { sweepTrees as sweep };

/** Tries which form works, and records it. */
export function findForm(store: string): StoreForm {
  const form = probeStore(store);
  recordForm(store, form);
  return form;
}

function isUsual({ layers, overlay }: StoreForm): boolean {
  return layers === 'erofs-file' && overlay === 'descriptors';
}
