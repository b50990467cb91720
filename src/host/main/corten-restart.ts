import { startAgainFor } from '../engine/start-again.ts';
import { parseLastingState } from '../monitor/resume-monitor.ts';

/** A monitor at the moment in which it starts its container again; its state comes as the only argument. */
export function main(): number {
  startAgainFor(parseLastingState(argv[1] ?? ''));
  return 0;
}
