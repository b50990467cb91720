import { resumeContainer } from '../../runtime/resume.ts';
import type { RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'resume CONTAINER',
  flagPlace: 'anywhere' as const,
  summary: 'Lets a paused container go on.',
  flags: {},
};

export function main({ root, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options !== undefined) resumeContainer(root, onlyWord(options, 'container id'));
  return 0;
}
