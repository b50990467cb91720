import { findContainer } from '../../engine/find-container.ts';
import { restartContainer } from '../../engine/restart-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'restart [flags] CONTAINER...',
  summary: 'Stops containers and starts them again; those that do not run are started.',
  flags: STOP_FLAGS,
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to restart');
  const timeout = stopTimeoutFrom(options);
  return forEach(options.rest, (wanted) => {
    restartContainer(roots, findContainer(roots, wanted), timeout);
    print(`${wanted}\n`);
  });
}
