import { CortenError, isCortenError, type ErrorKind } from '../../pure/base/errors.ts';
import { isSysError, type SysError } from '../kernel/call.ts';
import { ERRNO, errnoName } from '../kernel/errno.ts';

/** Every code of this module and what a caller can do about it. */
export const RUNTIME_ERRORS = {
  SPEC_INVALID: 'invalid_argument',
  SPEC_FIELD_UNSUPPORTED: 'unimplemented',
  RUNTIME_ID_INVALID: 'invalid_argument',
  RUNTIME_BUNDLE_UNREADABLE: 'invalid_argument',
  RUNTIME_PROCESS_UNREADABLE: 'invalid_argument',
  RUNTIME_RESOURCES_UNREADABLE: 'invalid_argument',
  RUNTIME_EXISTS: 'already_exists',
  RUNTIME_NOT_FOUND: 'not_found',
  RUNTIME_NOT_CREATED: 'failed_precondition',
  RUNTIME_NOT_RUNNING: 'failed_precondition',
  RUNTIME_NOT_PAUSED: 'failed_precondition',
  RUNTIME_PAUSED: 'failed_precondition',
  RUNTIME_STILL_RUNNING: 'failed_precondition',
  RUNTIME_STATE_UNREADABLE: 'data_loss',
  RUNTIME_STEP_FAILED: 'internal',
  RUNTIME_INIT_DIED: 'internal',
  RUNTIME_HOOK_FAILED: 'failed_precondition',
  RUNTIME_EXEC_NOT_FOUND: 'not_found',
  RUNTIME_EXEC_NOT_EXECUTABLE: 'permission_denied',
  RUNTIME_CWD_OUTSIDE: 'permission_denied',
  RUNTIME_PATH_UNSAFE: 'permission_denied',
  RUNTIME_ROOT_FOREIGN: 'permission_denied',
  RUNTIME_MAPPING_REFUSED: 'permission_denied',
  RUNTIME_CGROUP_FROZEN: 'failed_precondition',
  RUNTIME_CGROUP_BUSY: 'unavailable',
  RUNTIME_CGROUP_PATH: 'invalid_argument',
  RUNTIME_LIMIT_BELOW_USAGE: 'failed_precondition',
  RUNTIME_CGROUP_MISSING: 'unimplemented',
  RUNTIME_CONSOLE: 'invalid_argument',
} as const satisfies Record<string, ErrorKind>;

export type RuntimeErrorCode = keyof typeof RUNTIME_ERRORS;

export function runtimeError(code: RuntimeErrorCode, message: string, cause?: unknown): CortenError {
  return new CortenError(RUNTIME_ERRORS[code], code, message, cause === undefined ? {} : { cause });
}

/** Runs one step; what the kernel refuses comes out as "<title>: EPERM", titled by what the step was for. */
export function named<T>(title: string, step: () => T, hint?: (errno: number) => string | undefined): T {
  try {
    return step();
  } catch (error) {
    throw stepError(title, error, hint);
  }
}

export function stepError(
  title: string,
  error: unknown,
  hint?: (errno: number) => string | undefined,
): unknown {
  if (!isSysError(error) || isCortenError(error)) return error;
  const why = hint?.(error.errno) ?? missingCall(error);
  const text = `${title}: ${errnoName(error.errno)}${why === undefined ? '' : `, ${why}`}`;
  return runtimeError('RUNTIME_STEP_FAILED', text, error);
}

/** An older kernel or an outer container's filter: what no older call can do instead. */
function missingCall({ syscall: name, errno }: SysError): string | undefined {
  if (errno !== ERRNO.ENOSYS) return undefined;
  return `this kernel has no ${name}(2), or the seccomp profile of an outer container refuses it: allow it there`;
}
