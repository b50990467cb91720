import { CortenError, type ErrorDetails, type ErrorKind } from '../base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const ARCHIVE_ERRORS = {
  ARCHIVE_NOT_TAR: 'invalid_argument',
  ARCHIVE_TRUNCATED: 'invalid_argument',
  ARCHIVE_CORRUPT: 'invalid_argument',
  ARCHIVE_UNSUPPORTED: 'invalid_argument',
  ARCHIVE_LIMIT: 'invalid_argument',
  ARCHIVE_PATH_UNSAFE: 'invalid_argument',
  ARCHIVE_ENTRY_INVALID: 'invalid_argument',
  ARCHIVE_DEVICE_REFUSED: 'invalid_argument',
  ARCHIVE_LINK_MISSING: 'invalid_argument',
  ARCHIVE_NEEDS_LOWERS: 'invalid_argument',
  ARCHIVE_IMAGE_DAMAGED: 'invalid_argument',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ArchiveErrorCode = keyof typeof ARCHIVE_ERRORS;

export function archiveError(
  code: ArchiveErrorCode,
  message: string,
  details: ErrorDetails = {},
): CortenError {
  return new CortenError(ARCHIVE_ERRORS[code], code, message, details);
}
