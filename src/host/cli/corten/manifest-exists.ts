import { manifestList } from '../../engine/manifest-list.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'manifest exists LIST',
  summary: 'Whether there is such a list: exit code 0 or 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  return manifestList(roots, onlyWord(options, 'list')) === undefined ? EXIT.FAILED : 0;
}
