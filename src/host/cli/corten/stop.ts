import { stopContainer } from '../../engine/stop-container.ts';
import type { CortenContext } from '../corten-context.ts';
import { CONTAINERS_FLAGS, forEachContainer } from '../corten-containers.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'stop [flags] CONTAINER...',
  summary: 'Asks the programs of containers to end, and kills those that do not.',
  flags: { ...STOP_FLAGS, ...CONTAINERS_FLAGS },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const timeout = stopTimeoutFrom(options);
  return forEachContainer({ roots, options }, { what: 'stop', isRunning: true }, (places) =>
    stopContainer(places, timeout),
  );
}
