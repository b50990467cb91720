import { inspectVolume } from '../../engine/volumes.ts';
import type { CortenContext } from '../corten-context.ts';
import { existsCode } from '../corten-exists.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'volume exists VOLUME',
  summary: 'Ends with 0 if there is such a volume, and else with 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const wanted = onlyWord(options, 'volume');
  return existsCode(() => void inspectVolume(roots, wanted));
}
