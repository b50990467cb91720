import { stopPod } from '../../engine/stop-pod.ts';
import type { CortenContext } from '../corten-context.ts';
import { forEachPod, PODS_FLAGS } from '../corten-pods.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod stop [flags] POD...',
  summary: 'Ends pods: asks the programs of their containers to end, and kills those that do not.',
  flags: { ...PODS_FLAGS, ...STOP_FLAGS },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const timeout = stopTimeoutFrom(options);
  return forEachPod(roots, options, (places) => stopPod(roots, places, timeout));
}
