import { isCortenError } from '../../../pure/base/errors.ts';
import { requireInspectedImage } from '../corten-inspect.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'image exists IMAGE',
  summary: 'Whether there is such a image: exit code 0 or 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  try {
    requireInspectedImage(roots, onlyWord(options, 'image'));
    return 0;
  } catch (error) {
    if (isCortenError(error) && error.code === 'IMAGE_NOT_FOUND') return EXIT.FAILED;
    throw error;
  }
}
