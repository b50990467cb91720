import { CortenError, type ErrorKind } from '../../pure/base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const NETWORK_ERRORS = {
  NETWORK_NAME_INVALID: 'invalid_argument',
  NETWORK_NOT_FOUND: 'not_found',
  NETWORK_EXISTS: 'already_exists',
  NETWORK_IN_USE: 'failed_precondition',
  NETWORK_DAMAGED: 'data_loss',
  NETWORK_SUBNET_INVALID: 'invalid_argument',
  NETWORK_SUBNET_TAKEN: 'failed_precondition',
  NETWORK_ADDRESS_INVALID: 'invalid_argument',
  NETWORK_ADDRESS_TAKEN: 'already_exists',
  NETWORK_FULL: 'resource_exhausted',
  NETWORK_OPTION_INVALID: 'invalid_argument',
  NETWORK_UNSUPPORTED: 'failed_precondition',
  NETWORK_PARENT_MISSING: 'not_found',
  NETWORK_PORT_TAKEN: 'already_exists',
  NETWORK_PORT_REFUSED: 'permission_denied',
  NETWORK_CONNECTED: 'already_exists',
  NETWORK_NOT_CONNECTED: 'not_found',
  NETWORK_CNI_INVALID: 'invalid_argument',
  NETWORK_CNI_MISSING: 'failed_precondition',
  NETWORK_CNI_FAILED: 'failed_precondition',
  NETWORK_FAILED: 'internal',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type NetworkErrorCode = keyof typeof NETWORK_ERRORS;

export function networkError(code: NetworkErrorCode, message: string, cause?: unknown): CortenError {
  return new CortenError(NETWORK_ERRORS[code], code, message, cause === undefined ? {} : { cause });
}
