import { signalContainer } from '../../engine/signal-container.ts';
import type { CortenContext } from '../corten-context.ts';
import { CONTAINERS_FLAGS, forEachContainer } from '../corten-containers.ts';
import { signalFrom, SIGNAL_FLAGS } from '../corten-signal.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'kill [flags] CONTAINER...',
  summary: 'Sends a signal, KILL unless given, to the programs of containers.',
  flags: {
    ...SIGNAL_FLAGS,
    all: CONTAINERS_FLAGS.all,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const signal = signalFrom(options);
  return forEachContainer({ roots, options }, { what: 'send a signal to', isRunning: true }, (places) =>
    signalContainer(places, signal),
  );
}
