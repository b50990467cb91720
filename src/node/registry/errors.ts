import { CortenError, type ErrorDetails, type ErrorKind } from '../../pure/base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const REGISTRY_ERRORS = {
  REGISTRY_UNREACHABLE: 'unavailable',
  REGISTRY_UNTRUSTED: 'failed_precondition',
  REGISTRY_UNAUTHORIZED: 'unauthenticated',
  REGISTRY_DENIED: 'permission_denied',
  REGISTRY_NOT_FOUND: 'not_found',
  REGISTRY_CANNOT_DELETE: 'unimplemented',
  REGISTRY_RATE_LIMITED: 'resource_exhausted',
  REGISTRY_FAILED: 'unavailable',
  REGISTRY_ANSWER_INVALID: 'data_loss',
  REGISTRY_ANSWER_TOO_LARGE: 'resource_exhausted',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type RegistryErrorCode = keyof typeof REGISTRY_ERRORS;

export function registryError(
  code: RegistryErrorCode,
  message: string,
  details: ErrorDetails = {},
): CortenError {
  return new CortenError(REGISTRY_ERRORS[code], code, message, details);
}
