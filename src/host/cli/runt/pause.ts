import { pauseContainer } from '../../runtime/pause.ts';
import type { RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pause CONTAINER',
  flagPlace: 'anywhere' as const,
  summary: 'Freezes the processes of a container.',
  flags: {},
};

export function main({ root, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options !== undefined) pauseContainer(root, onlyWord(options, 'container id'));
  return 0;
}
