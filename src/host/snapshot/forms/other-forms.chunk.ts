import { isCortenError } from '../../../pure/base/errors.ts';
import { isSysError } from '../../kernel/call.ts';
import type { Fd } from '../../kernel/files.ts';
import type { ImageMountRequest, MountedRootfs, RootfsRequest } from '../rootfs-request.ts';
import { sweepTrees } from './directory-layers.ts';
import { copyRootfs } from './copied-rootfs.ts';
import { findForm } from './find-form.ts';
import { mountImageAs } from './mount-image.ts';
import { mountRootfsAs } from './mount-as.ts';
import { endVolatile } from './volatile-mark.ts';
import { recordedForm, type StoreForm } from './store-form.ts';

/** What no other form would make better. */
const FINAL: ReadonlySet<string> = new Set(['SNAPSHOT_LAYER_MISSING', 'SNAPSHOT_LAYER_DAMAGED']);

/** mountRootfs() where layers by file and an overlay by descriptors, which is `usual`, gave an error. */
export function mountOtherwise(
  request: RootfsRequest,
  error: unknown,
  usual: (request: RootfsRequest) => MountedRootfs,
): MountedRootfs {
  if (!isSysError(error) && (!isCortenError(error) || FINAL.has(error.code))) throw error;
  if (endVolatile(request.directory)) {
    try {
      return usual(request);
    } catch (failure) {
      if (isCortenError(failure) && FINAL.has(failure.code)) throw failure;
    }
  }
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
  if (request.mapped !== undefined && isUsual(form)) return copyRootfs(request);
  if (isUsual(form)) throw error;
  return mountRootfsAs(form, request);
}

export { sweepTrees as sweep };

/** mountImage() where layers by file and an overlay by descriptors gave an error. */
export function mountImageOtherwise(request: ImageMountRequest, error: unknown): Fd {
  if (!isSysError(error) && (!isCortenError(error) || FINAL.has(error.code))) throw error;
  const form = recordedForm(request.store) ?? findForm(request.store);
  if (isUsual(form)) throw error;
  return mountImageAs(form, request);
}

function isUsual({ layers, overlay }: StoreForm): boolean {
  return layers === 'erofs-file' && overlay === 'descriptors';
}
