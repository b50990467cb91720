import { requireInspectedImage } from '../corten-inspect.ts';
import type { CortenContext } from '../corten-context.ts';
import { existsCode } from '../corten-exists.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'image exists IMAGE',
  summary: 'Ends with 0 if there is such an image, and else with 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const wanted = onlyWord(options, 'image');
  return existsCode(() => void requireInspectedImage(roots, wanted));
}
