import { checkSystem } from '../../engine/check-system.ts';
import type { CortenContext } from '../corten-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'system check [flags]',
  summary:
    'Reads the whole store and compares it with what it says of itself. Exit code 1 if something is wrong.',
  flags: {
    repair: {
      kind: 'switch',
      help: 'remove what is damaged or belongs to nothing; what is to be pulled again is told',
    },
    quick: { kind: 'switch', help: 'sizes alone, without reading the files' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  return checkSystem(roots, { isRepairing: options.isOn('repair'), isQuick: options.isOn('quick') });
}
