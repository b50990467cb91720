import { signalContainer } from '../../engine/signal-container.ts';
import { signalNumber } from '../../kernel/signals.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { CONTAINERS_FLAGS, forEachContainer } from '../corten-containers.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'kill [flags] CONTAINER...',
  summary: 'Sends a signal, KILL unless given, to the programs of containers.',
  flags: {
    signal: { kind: 'text', short: 's', value: 'SIGNAL', help: 'a name such as TERM, or a number' },
    all: CONTAINERS_FLAGS.all,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const name = options.text('signal') ?? 'KILL';
  const signal = signalNumber(name);
  if (signal === undefined)
    throw usageError(`The signal "${name}" is unknown: give a name such as TERM or a number up to 64`);
  return forEachContainer({ roots, options }, { what: 'send a signal to', isRunning: true }, (places) =>
    signalContainer(places, signal),
  );
}
