import { isCortenError } from '../../../pure/base/errors.ts';
import { findPod } from '../../engine/find-pod.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod exists POD',
  summary: 'Ends with 0 if there is such a pod, and else with 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  try {
    findPod(roots, onlyWord(options, 'pod'));
    return 0;
  } catch (error) {
    if (isCortenError(error) && error.code === 'ENGINE_POD_NOT_FOUND') return EXIT.FAILED;
    throw error;
  }
}
