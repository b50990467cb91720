/**
 * What a caller can do about a failure. The sixteen kinds are those of gRPC's status codes (and containerd's
 * errdefs) without OK; edges map a kind to an exit code, an HTTP status or a gRPC code.
 */
export type ErrorKind =
  | 'cancelled'
  | 'unknown'
  | 'invalid_argument'
  | 'deadline_exceeded'
  | 'not_found'
  | 'already_exists'
  | 'permission_denied'
  | 'resource_exhausted'
  | 'failed_precondition'
  | 'aborted'
  | 'out_of_range'
  | 'unimplemented'
  | 'internal'
  | 'unavailable'
  | 'data_loss'
  | 'unauthenticated';

/** What an error looks like on a pipe between two processes. */
export interface ErrorRecord {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface ErrorDetails {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * A failure that a user can act on: `message` is one sentence without a final period that names the path or
 * field and the way out, `code` is stable and listed in docs/errors.md, `data` is plain JSON without secrets.
 */
export class CortenError extends Error {
  // A brand and not instanceof: bundles duplicate classes.
  readonly isCortenError = true;
  readonly kind: ErrorKind;
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CortenError';
    this.kind = kind;
    this.code = code;
    this.data = details.data;
  }

  toJSON(): ErrorRecord {
    const record = { kind: this.kind, code: this.code, message: this.message };
    return this.data === undefined ? record : { ...record, data: this.data };
  }
}

export function isCortenError(error: unknown): error is CortenError {
  return typeof error === 'object' && error !== null && 'isCortenError' in error;
}

/** An error that came over a pipe, whole again. */
export function fromRecord(record: ErrorRecord): CortenError {
  const details = record.data === undefined ? {} : { data: record.data };
  return new CortenError(record.kind, record.code, record.message, details);
}

/** A fault of the program itself; caught only in `main`, which says so and asks for a report. */
export class BugError extends Error {
  readonly isBugError = true;
  constructor(text: string) {
    super(text);
    this.name = 'BugError';
  }
}

export function isBugError(error: unknown): error is BugError {
  return typeof error === 'object' && error !== null && 'isBugError' in error;
}

/** Ends the work if what must hold does not: never for a user's mistake. */
export function invariant(condition: unknown, text: string): asserts condition {
  if (!condition) throw new BugError(text);
}
