import { isCortenError } from '../../../pure/base/errors.ts';
import { listPods } from '../../engine/list-pods.ts';
import { removePod } from '../../engine/remove-pod.ts';
import { forEach, type CortenContext } from '../corten-context.ts';
import { confirms } from '../corten-prompt.ts';
import { print } from '../runt-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'pod prune [flags]',
  summary: 'Removes the pods in which nothing runs, with all their containers.',
  flags: { force: { kind: 'switch', short: 'f', help: 'without asking' } },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  if (!options.isOn('force') && !confirms('This will remove all pods in which nothing runs. Go on?'))
    return 0;
  const ended = listPods(roots).filter(({ state }) => state === 'Exited' || state === 'Stopped');
  return forEach(
    ended.map(({ id }) => id),
    (id) => {
      const pod = ended.find((one) => one.id === id);
      if (pod === undefined) return;
      try {
        removePod(roots, pod.places, { isForced: false });
        print(`${id}\n`);
      } catch (error) {
        // Somebody started it meanwhile.
        if (!isCortenError(error) || error.code !== 'ENGINE_POD_RUNNING') throw error;
      }
    },
  );
}
