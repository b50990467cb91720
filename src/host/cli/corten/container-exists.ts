import { isCortenError } from '../../../pure/base/errors.ts';
import { findContainer } from '../../engine/find-container.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'container exists CONTAINER',
  summary: 'Whether there is such a container: exit code 0 or 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  try {
    findContainer(roots, onlyWord(options, 'container'));
    return 0;
  } catch (error) {
    if (isCortenError(error) && error.code === 'ENGINE_CONTAINER_NOT_FOUND') return EXIT.FAILED;
    throw error;
  }
}
