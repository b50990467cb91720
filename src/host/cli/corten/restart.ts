import { restartContainer } from '../../engine/restart-container.ts';
import type { CortenContext } from '../corten-context.ts';
import { CONTAINERS_FLAGS, forEachContainer } from '../corten-containers.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'restart [flags] CONTAINER...',
  summary: 'Stops containers and starts them again; those that do not run are started.',
  flags: { ...STOP_FLAGS, all: CONTAINERS_FLAGS.all },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const timeout = stopTimeoutFrom(options);
  return forEachContainer({ roots, options }, { what: 'restart', isRunning: false }, (places) =>
    restartContainer(roots, places, timeout),
  );
}
