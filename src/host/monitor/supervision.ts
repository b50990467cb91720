/**
 * What a monitor does beside passing bytes on, as far as anybody asked for it. Plain data: it crosses the monitor's
 * execve(2). Times are milliseconds.
 */
export interface Supervision {
  readonly restart?: RestartPolicy;
  readonly health?: HealthTimes;
  /** How long the program may run before it is killed. */
  readonly timeout?: number;
  readonly log?: LogOptions;
  /** An OCI runtime's program, which runs the container instead of our own. */
  readonly runtime?: string;
}

/** docker run --restart. */
export interface RestartPolicy {
  readonly name: 'always' | 'unless-stopped' | 'on-failure';
  /** How often at most; 0 for no limit. */
  readonly most: number;
  /** The signal by which a user asks for the end. */
  readonly stopSignal: number;
  /** Restarts so far, and how long the last one waited. */
  readonly restarts: number;
  readonly delay: number;
}

/** When to check, by health checks: the rest of them is the container's own configuration. */
export interface HealthTimes {
  readonly interval: number;
  /** Between checks while the container is only starting. */
  readonly startInterval: number;
}

export interface LogOptions {
  readonly driver: 'k8s-file' | 'json-file' | 'none';
  /** Bytes of one file; 0 for no limit. */
  readonly maxSize: number;
  /** How many files there are, the current one included. */
  readonly maxFiles: number;
}

/** Docker's: doubled from the first, and back to that once the program has run for a while. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 60_000;
const GOOD_RUN = 10_000;

/** The policy after an end that it answers by a restart, with the delay of that; undefined where it is the last end. */
export function nextRestart(
  policy: RestartPolicy,
  { code, ranFor }: { readonly code: number; readonly ranFor: number },
): RestartPolicy | undefined {
  if (policy.name === 'on-failure' && code === 0) return undefined;
  if (policy.most > 0 && policy.restarts >= policy.most) return undefined;
  const isFirst = policy.delay === 0 || ranFor >= GOOD_RUN;
  const delay = isFirst ? FIRST_DELAY : Math.min(policy.delay * 2, LONGEST_DELAY);
  return { ...policy, delay, restarts: policy.restarts + 1 };
}
