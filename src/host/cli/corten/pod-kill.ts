import { killPod } from '../../engine/stop-pod.ts';
import { signalNumber } from '../../kernel/signals.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { forEachPod, PODS_FLAGS } from '../corten-pods.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod kill [flags] POD...',
  summary:
    'Sends a signal, KILL unless given, to the programs of all containers of pods; KILL ends the pods too.',
  flags: {
    ...PODS_FLAGS,
    signal: { kind: 'text', short: 's', value: 'SIGNAL', help: 'a name such as TERM, or a number' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const name = options.text('signal') ?? 'KILL';
  const signal = signalNumber(name);
  if (signal === undefined)
    throw usageError(`The signal "${name}" is unknown: give a name such as TERM or a number up to 64`);
  return forEachPod(roots, options, (places) => killPod(roots, places, signal));
}
