import { resumePod } from '../monitor/resume-pod.ts';

/** The monitor of a pod; its state comes as the only argument. */
export function main(): number {
  resumePod(argv[1] ?? '');
  return 0;
}
