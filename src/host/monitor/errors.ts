import { CortenError, type ErrorKind } from '../../pure/base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const MONITOR_ERRORS = {
  MONITOR_DIED: 'internal',
  MONITOR_NOT_RUNNING: 'failed_precondition',
  MONITOR_TOO_NEW: 'failed_precondition',
  MONITOR_TOO_OLD: 'failed_precondition',
  MONITOR_RUNTIME_FAILED: 'failed_precondition',
  MONITOR_JOURNAL_DAMAGED: 'data_loss',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type MonitorErrorCode = keyof typeof MONITOR_ERRORS;

export function monitorError(code: MonitorErrorCode, message: string, cause?: unknown): CortenError {
  return new CortenError(MONITOR_ERRORS[code], code, message, cause === undefined ? {} : { cause });
}
