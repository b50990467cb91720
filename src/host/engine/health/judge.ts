import type { HealthSetting } from '../run-settings.ts';
import type { Health, HealthCheck } from './health-file.ts';

/** Docker keeps as many. */
const KEPT = 5;

export interface Judged {
  readonly health: Health;
  /** Whether the container still counts as starting. */
  readonly isStarting: boolean;
}

/**
 * What a check changes: a success is healthy at once; failures count after the start period only, until there are as
 * many in a row as it takes.
 */
export function judge(before: Health, check: HealthCheck, { startPeriod, retries }: HealthSetting): Judged {
  const log = [...before.log, check].slice(-KEPT);
  if (check.exitCode === 0)
    return { health: { ...before, status: 'healthy', failures: 0, log }, isStarting: false };
  const isGraceful =
    before.status === 'starting' && Date.parse(check.start) - Date.parse(before.of) < startPeriod;
  if (isGraceful) return { health: { ...before, log }, isStarting: true };
  const failures = before.failures + 1;
  const status = failures >= retries ? 'unhealthy' : before.status;
  return { health: { ...before, status, failures, log }, isStarting: false };
}
