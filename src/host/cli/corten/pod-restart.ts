import { startPod } from '../../engine/start-pod.ts';
import { stopPod } from '../../engine/stop-pod.ts';
import type { CortenContext } from '../corten-context.ts';
import { forEachPod, PODS_FLAGS } from '../corten-pods.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod restart [flags] POD...',
  summary: 'Stops pods and starts them again with all their containers.',
  flags: { ...PODS_FLAGS, ...STOP_FLAGS },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const timeout = stopTimeoutFrom(options);
  return forEachPod(roots, options, (places) => {
    stopPod(roots, places, timeout);
    return startPod(roots, places);
  });
}
