import { parseState, resumeMonitor } from '../monitor/resume-monitor.ts';

/** The monitor's second life; its state comes as the only argument. */
export function main(): number {
  resumeMonitor(parseState(argv[1] ?? ''));
  return 0;
}
