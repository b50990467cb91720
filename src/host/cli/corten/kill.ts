import { findContainer } from '../../engine/find-container.ts';
import { signalContainer } from '../../engine/signal-container.ts';
import { signalNumber } from '../../kernel/signals.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'kill [flags] CONTAINER...',
  summary: 'Sends a signal, KILL unless given, to the programs of containers.',
  flags: { signal: { kind: 'text', short: 's', value: 'SIGNAL', help: 'a name such as TERM, or a number' } },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to send a signal to');
  const name = options.text('signal') ?? 'KILL';
  const signal = signalNumber(name);
  if (signal === undefined)
    throw usageError(`The signal "${name}" is unknown: give a name such as TERM or a number up to 64`);
  return forEach(options.rest, (wanted) => {
    signalContainer(findContainer(roots, wanted), signal);
    print(`${wanted}\n`);
  });
}
