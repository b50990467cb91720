import { isBugError, isCortenError } from '../../pure/base/errors.ts';
import { codeOf, imagesError, messageOf } from './errors.ts';

/** A full disk in words; every other error as it is. */
export function explainDisk(error: unknown, root: string): unknown {
  if (isCortenError(error) || isBugError(error)) return error;
  if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') {
    return imagesError('STORE_NO_SPACE', `The store ${root} has no space left: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return error;
}
