import { findContainer } from '../../engine/find-container.ts';
import { stopContainer } from '../../engine/stop-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'stop [flags] CONTAINER...',
  summary: 'Asks the programs of containers to end, and kills those that do not.',
  flags: STOP_FLAGS,
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to stop');
  const timeout = stopTimeoutFrom(options);
  return forEach(options.rest, (wanted) => {
    stopContainer(findContainer(roots, wanted), timeout);
    print(`${wanted}\n`);
  });
}
