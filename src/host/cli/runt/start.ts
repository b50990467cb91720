import { startContainer } from '../../runtime/start.ts';
import type { RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'start CONTAINER',
  flagPlace: 'anywhere' as const,
  summary: 'Starts the program of a created container.',
  flags: {},
};

export function main({ root, log, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options !== undefined) startContainer(root, onlyWord(options, 'container id'), log.warn);
  return 0;
}
