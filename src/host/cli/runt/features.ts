import { readFeatures } from '../../runtime/features.ts';
import { print, type RuntContext } from '../runt-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'features',
  flagPlace: 'anywhere' as const,
  summary: 'Prints what this version can do, as features.md of the OCI runtime specification has it.',
  flags: {},
};

export function main({ words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  print(`${JSON.stringify(readFeatures(), null, 2)}\n`);
  return 0;
}
