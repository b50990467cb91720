import { networkRoots } from '../../engine/roots.ts';
import { findNetwork } from '../../network/manage-networks.ts';
import type { CortenContext } from '../corten-context.ts';
import { existsCode } from '../corten-exists.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'network exists NETWORK',
  summary: 'Ends with 0 if there is such a network, and else with 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const wanted = onlyWord(options, 'network');
  return existsCode(() => void findNetwork(networkRoots(roots), wanted));
}
