import { findContainer } from '../../engine/find-container.ts';
import type { CortenContext } from '../corten-context.ts';
import { existsCode } from '../corten-exists.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'container exists CONTAINER',
  summary: 'Ends with 0 if there is such a container, and else with 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const wanted = onlyWord(options, 'container');
  return existsCode(() => void findContainer(roots, wanted));
}
