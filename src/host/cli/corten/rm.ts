import { removeContainer } from '../../engine/remove-container.ts';
import { stopContainer } from '../../engine/stop-container.ts';
import type { CortenContext } from '../corten-context.ts';
import { CONTAINERS_FLAGS, forEachContainer } from '../corten-containers.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'rm [flags] CONTAINER...',
  summary: 'Removes containers with all that they wrote.',
  flags: {
    force: {
      kind: 'switch',
      short: 'f',
      help: 'those that run too, by killing them; one that is not there is no error',
    },
    volumes: {
      kind: 'switch',
      short: 'v',
      help: 'remove their anonymous volumes too',
    },
    ...CONTAINERS_FLAGS,
    ...STOP_FLAGS,
    time: { ...STOP_FLAGS.time, help: 'with --force: how long they have to end before the kill' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isForced = options.isOn('force');
  const timeout = stopTimeoutFrom(options);
  const isIgnoring = isForced || options.isOn('ignore');
  return forEachContainer({ roots, options }, { what: 'remove', isRunning: false, isIgnoring }, (places) => {
    if (isForced && timeout !== undefined) stopContainer(places, timeout);
    removeContainer(places, isForced, options.isOn('volumes'));
  });
}
