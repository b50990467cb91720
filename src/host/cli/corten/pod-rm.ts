import { isCortenError } from '../../../pure/base/errors.ts';
import { findPod } from '../../engine/find-pod.ts';
import { removePod } from '../../engine/remove-pod.ts';
import { forEach, type CortenContext } from '../corten-context.ts';
import { PODS_FLAGS, wantedPods } from '../corten-pods.ts';
import { stopTimeoutFrom, STOP_FLAGS } from '../corten-stop-timeout.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod rm [flags] POD...',
  summary: 'Removes pods with all their containers.',
  flags: {
    ...PODS_FLAGS,
    force: {
      kind: 'switch',
      short: 'f',
      help: 'those too whose containers run, by killing them; one that is not there is no error',
    },
    ignore: { kind: 'switch', short: 'i', help: 'one that is not there is no error' },
    ...STOP_FLAGS,
    time: { ...STOP_FLAGS.time, help: 'with --force: how long containers have to end before the kill' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isForced = options.isOn('force');
  const timeout = stopTimeoutFrom(options);
  return forEach(wantedPods(roots, options), (wanted) => {
    try {
      const places = findPod(roots, wanted);
      removePod(roots, places, { isForced, timeout });
      print(`${places.id}\n`);
    } catch (error) {
      const isGone = isCortenError(error) && error.code === 'ENGINE_POD_NOT_FOUND';
      // Another command may have removed one of all of them.
      if (!isGone || !(isForced || options.isOn('ignore') || options.isOn('all'))) throw error;
    }
  });
}
