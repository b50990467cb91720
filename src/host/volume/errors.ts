import { CortenError, type ErrorKind } from '../../pure/base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const VOLUME_ERRORS = {
  VOLUME_NOT_FOUND: 'not_found',
  VOLUME_EXISTS: 'already_exists',
  VOLUME_IN_USE: 'failed_precondition',
  VOLUME_DAMAGED: 'data_loss',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type VolumeErrorCode = keyof typeof VOLUME_ERRORS;

export function volumeError(code: VolumeErrorCode, message: string, cause?: unknown): CortenError {
  return new CortenError(VOLUME_ERRORS[code], code, message, cause === undefined ? {} : { cause });
}
