/** How failures that may pass are met. */
export interface RetryPolicy {
  /** Tries without any progress, the first included. */
  readonly tries: number;
  /** Milliseconds before the second try; each next waits twice as long. */
  readonly delay: number;
  /** Milliseconds that a registry may ask for by Retry-After; more is an error that says so. */
  readonly longestWait: number;
}

export const DEFAULT_RETRY: RetryPolicy = { tries: 6, delay: 500, longestWait: 120_000 };
