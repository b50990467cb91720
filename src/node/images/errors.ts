import { CortenError, type ErrorDetails, type ErrorKind } from '../../pure/base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const IMAGES_ERRORS = {
  ARCHIVE_INVALID: 'invalid_argument',
  IMAGE_UNSUPPORTED: 'unimplemented',
  IMAGE_SIGNATURE: 'permission_denied',
  IMAGE_REFUSED: 'permission_denied',
  PLATFORM_INVALID: 'invalid_argument',
  ARCHIVE_TOO_LARGE: 'resource_exhausted',
  ARCHIVE_DIGEST_MISMATCH: 'data_loss',
  PUSH_DESTINATION_INVALID: 'invalid_argument',
  STORE_OUTPUT_FAILED: 'unavailable',
  STORE_BLOB_DAMAGED: 'data_loss',
  STORE_BLOB_MISSING: 'data_loss',
  STORE_CHANGED: 'aborted',
  STORE_DATABASE_FAILED: 'unavailable',
  STORE_NO_SPACE: 'resource_exhausted',
  STORE_UNUSABLE: 'failed_precondition',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ImagesErrorCode = keyof typeof IMAGES_ERRORS;

export function imagesError(code: ImagesErrorCode, message: string, details: ErrorDetails = {}): CortenError {
  return new CortenError(IMAGES_ERRORS[code], code, message, details);
}

/** The errno name of a failed system call of Node (`ENOSPC`), or SQLite's or zlib's own code. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
