import { killPod } from '../../engine/stop-pod.ts';
import type { CortenContext } from '../corten-context.ts';
import { forEachPod, PODS_FLAGS } from '../corten-pods.ts';
import { signalFrom, SIGNAL_FLAGS } from '../corten-signal.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod kill [flags] POD...',
  summary:
    'Sends a signal, KILL unless given, to the programs of all containers of pods; KILL ends the pods too.',
  flags: {
    ...PODS_FLAGS,
    ...SIGNAL_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const signal = signalFrom(options);
  return forEachPod(roots, options, (places) => killPod(roots, places, signal));
}
