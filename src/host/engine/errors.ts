import { CortenError, type ErrorKind } from '../../pure/base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const ENGINE_ERRORS = {
  ENGINE_ROOT_RELATIVE: 'invalid_argument',
  ENGINE_NOT_ROOT: 'permission_denied',
  ENGINE_STORE_UNREADABLE: 'failed_precondition',
  ENGINE_IDS_MISSING: 'failed_precondition',
  ENGINE_NAME_INVALID: 'invalid_argument',
  ENGINE_NAME_TAKEN: 'already_exists',
  ENGINE_COMMAND_MISSING: 'invalid_argument',
  ENGINE_IMAGE_FOREIGN: 'failed_precondition',
  ENGINE_IMAGE_IN_USE: 'failed_precondition',
  ENGINE_IMAGE_NOT_MOUNTED: 'failed_precondition',
  ENGINE_LAYER_NOT_FOUND: 'not_found',
  ENGINE_DIRECTORY_NOT_EMPTY: 'failed_precondition',
  ENGINE_DEVICE_MISSING: 'not_found',
  ENGINE_SUBPATH_MISSING: 'not_found',
  ENGINE_CDI_UNKNOWN: 'not_found',
  ENGINE_CDI_INVALID: 'failed_precondition',
  ENGINE_SECRET_NOT_FOUND: 'not_found',
  ENGINE_SECRET_EXISTS: 'already_exists',
  ENGINE_SECRET_INVALID: 'invalid_argument',
  ENGINE_SECRET_DAMAGED: 'data_loss',
  ENGINE_IMAGE_VOLUME: 'failed_precondition',
  ENGINE_FILTER_UNKNOWN: 'invalid_argument',
  ENGINE_HEALTH_INVALID: 'invalid_argument',
  ENGINE_PROFILE_INVALID: 'invalid_argument',
  ENGINE_INIT_MISSING: 'failed_precondition',
  ENGINE_USER_UNKNOWN: 'not_found',
  ENGINE_CONTAINER_NOT_FOUND: 'not_found',
  ENGINE_CONTAINER_AMBIGUOUS: 'invalid_argument',
  ENGINE_CONTAINER_DAMAGED: 'data_loss',
  ENGINE_CONTAINER_RUNNING: 'failed_precondition',
  ENGINE_CONTAINER_NOT_RUNNING: 'failed_precondition',
  ENGINE_CONTAINER_PAUSED: 'failed_precondition',
  ENGINE_CONTAINER_NOT_PAUSED: 'failed_precondition',
  ENGINE_CONTAINER_WITHOUT_IMAGE: 'failed_precondition',
  ENGINE_COPY_PATH_MISSING: 'not_found',
  ENGINE_COPY_CONFLICT: 'failed_precondition',
  ENGINE_COPY_ENTRY_INVALID: 'invalid_argument',
  ENGINE_COPY_READ_ONLY: 'failed_precondition',
  ENGINE_COPY_UNREACHABLE: 'failed_precondition',
  ENGINE_CONTAINER_BUSY: 'unavailable',
  ENGINE_POD_NOT_FOUND: 'not_found',
  ENGINE_POD_AMBIGUOUS: 'invalid_argument',
  ENGINE_POD_DAMAGED: 'data_loss',
  ENGINE_POD_RUNNING: 'failed_precondition',
  ENGINE_POD_LOST: 'failed_precondition',
  ENGINE_POD_SHARES: 'invalid_argument',
  ENGINE_NETWORK_FIXED: 'failed_precondition',
  ENGINE_EXIT_UNKNOWN: 'data_loss',
  ENGINE_NODE_MISSING: 'failed_precondition',
  ENGINE_NODE_FAILED: 'internal',
  ENGINE_ARCHIVE_MISSING: 'not_found',
  ENGINE_OUTPUT: 'failed_precondition',
  ENGINE_CREDENTIAL_HELPER: 'failed_precondition',
  ENGINE_CERTIFICATE: 'failed_precondition',
  ENGINE_POLICY_REJECTS: 'permission_denied',
  ENGINE_POLICY_UNSUPPORTED: 'unimplemented',
  ENGINE_SETTINGS: 'failed_precondition',
  ENGINE_REGISTRY_BLOCKED: 'permission_denied',
  ENGINE_HOME_MISSING: 'failed_precondition',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type EngineErrorCode = keyof typeof ENGINE_ERRORS;

/** The container that a user named and that there is none of. */
export function noSuchContainer(wanted: string): CortenError {
  const text = `There is no container "${wanted}": corten ps -a lists them`;
  const code = 'ENGINE_CONTAINER_NOT_FOUND' satisfies EngineErrorCode;
  return new CortenError(ENGINE_ERRORS[code], code, text, { data: { container: wanted } });
}

/** As noSuchContainer(), of pods. */
export function noSuchPod(wanted: string): CortenError {
  const text = `There is no pod "${wanted}": corten pod ps lists them`;
  const code = 'ENGINE_POD_NOT_FOUND' satisfies EngineErrorCode;
  return new CortenError(ENGINE_ERRORS[code], code, text, { data: { pod: wanted } });
}

export function engineError(code: EngineErrorCode, message: string, cause?: unknown): CortenError {
  return new CortenError(ENGINE_ERRORS[code], code, message, cause === undefined ? {} : { cause });
}
