import { CortenError, type ErrorKind } from '../../pure/base/errors.ts';

/** The codes of this module; docs/errors.md explains each. */
export const SNAPSHOT_ERRORS = {
  SNAPSHOT_LAYER_MISSING: 'data_loss',
  SNAPSHOT_LAYER_DAMAGED: 'data_loss',
  SNAPSHOT_LAYER_REFUSED: 'failed_precondition',
  SNAPSHOT_OVERLAY_REFUSED: 'failed_precondition',
  SNAPSHOT_CALL_MISSING: 'unimplemented',
  SNAPSHOT_DIRECTORY_MISSING: 'not_found',
  SNAPSHOT_IN_USE: 'failed_precondition',
  SNAPSHOT_NAME_RESERVED: 'failed_precondition',
  SNAPSHOT_ID_UNMAPPED: 'failed_precondition',
  SNAPSHOT_IDS_REFUSED: 'failed_precondition',
  SNAPSHOT_UNPACK_FAILED: 'internal',
  SNAPSHOT_HELPER_DIED: 'internal',
  SNAPSHOT_VOLATILE_LOST: 'data_loss',
  SNAPSHOT_STORE_UNSUITABLE: 'failed_precondition',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type SnapshotErrorCode = keyof typeof SNAPSHOT_ERRORS;

export function snapshotError(code: SnapshotErrorCode, message: string, cause?: unknown): CortenError {
  return new CortenError(SNAPSHOT_ERRORS[code], code, message, cause === undefined ? {} : { cause });
}
