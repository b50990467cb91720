import { isCortenError } from '../../../pure/base/errors.ts';
import { inspectVolume } from '../../engine/volumes.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'volume exists VOLUME',
  summary: 'Whether there is such a volume: exit code 0 or 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  try {
    inspectVolume(roots, onlyWord(options, 'volume'));
    return 0;
  } catch (error) {
    if (isCortenError(error) && error.code === 'VOLUME_NOT_FOUND') return EXIT.FAILED;
    throw error;
  }
}
