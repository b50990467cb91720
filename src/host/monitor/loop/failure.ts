import { isCortenError, type ErrorRecord } from '../../../pure/base/errors.ts';
import { isSysError } from '../../kernel/call.ts';

/** Any failure in the form in which it crosses to the process that asked. */
export function recordOf(error: unknown): ErrorRecord {
  if (isCortenError(error)) return error.toJSON();
  if (isSysError(error)) return { kind: 'internal', code: 'MONITOR_SYSTEM_CALL', message: error.message };
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
  return { kind: 'internal', code: 'MONITOR_BUG', message: `This is a bug, please report it: ${text}` };
}
