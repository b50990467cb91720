import { CortenError, type ErrorDetails, type ErrorKind } from '../base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const STORE_ERRORS = {
  STORE_TOO_NEW: 'failed_precondition',
  STORE_TOO_OLD: 'failed_precondition',
  STORE_DAMAGED: 'data_loss',
  IMAGE_LIST_NOT_FOUND: 'not_found',
  IMAGE_LIST_EXISTS: 'already_exists',
  IMAGE_LIST_INVALID: 'invalid_argument',
  REFERENCE_INVALID: 'invalid_argument',
  IMAGE_NOT_FOUND: 'not_found',
  IMAGE_AMBIGUOUS: 'invalid_argument',
  IMAGE_CHANGE_INVALID: 'invalid_argument',
  IMAGE_CONFIG_INVALID: 'invalid_argument',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type StoreErrorCode = keyof typeof STORE_ERRORS;

export function storeError(code: StoreErrorCode, message: string, details: ErrorDetails = {}): CortenError {
  return new CortenError(STORE_ERRORS[code], code, message, details);
}
