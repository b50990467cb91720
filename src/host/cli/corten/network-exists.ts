import { isCortenError } from '../../../pure/base/errors.ts';
import { inspectNetwork } from '../inspect-others.chunk.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'network exists NETWORK',
  summary: 'Whether there is such a network: exit code 0 or 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  try {
    inspectNetwork(roots, onlyWord(options, 'network'));
    return 0;
  } catch (error) {
    if (isCortenError(error) && error.code === 'NETWORK_NOT_FOUND') return EXIT.FAILED;
    throw error;
  }
}
