import { pausePod } from '../../engine/pause-pod.ts';
import type { CortenContext } from '../corten-context.ts';
import { forEachPod, PODS_FLAGS } from '../corten-pods.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod pause [flags] POD...',
  summary: 'Freezes all processes of the containers of pods where they are.',
  flags: PODS_FLAGS,
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  return forEachPod(roots, options, (places) => pausePod(roots, places));
}
