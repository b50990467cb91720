import { readState } from '../../runtime/state.ts';
import { print, type RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'state CONTAINER',
  flagPlace: 'anywhere' as const,
  summary: 'Prints the state of a container as JSON.',
  flags: {},
};

export function main({ root, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options !== undefined)
    print(`${JSON.stringify(readState(root, onlyWord(options, 'container id')), null, 2)}\n`);
  return 0;
}
