import { unpausePod } from '../../engine/pause-pod.ts';
import type { CortenContext } from '../corten-context.ts';
import { forEachPod, PODS_FLAGS } from '../corten-pods.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod unpause [flags] POD...',
  summary: 'Lets the processes of paused pods go on.',
  flags: PODS_FLAGS,
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  return forEachPod(roots, options, (places) => unpausePod(roots, places));
}
