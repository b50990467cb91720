import type { Fd } from '../kernel/files.ts';
import { findForm } from './forms/find-form.ts';
import { mountImageAs, type ImageMountRequest } from './forms/mount-image.ts';
import { recordedForm } from './forms/store-form.ts';

/** The files of an image as a detached, read-only mount, in the form that the store has. */
export function mountImage(request: ImageMountRequest): Fd {
  const { store } = request;
  return mountImageAs(recordedForm(store) ?? findForm(store), request);
}
