import { checkHealth } from '../engine/check-health.ts';
import { HEALTH_END } from '../monitor/health-end.ts';
import { parsePlaces } from '../monitor/resume-monitor.ts';

/** A process that a monitor forks to check its container's health once; the container's places are its only argument. */
export function main(): number {
  try {
    return checkHealth(parsePlaces(argv[1] ?? ''));
  } catch {
    // Nobody reads what is said here. The next check may fare better.
    return HEALTH_END.CHECKED;
  }
}
