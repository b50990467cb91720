import { isCortenError } from '../../../pure/base/errors.ts';
import { findSecret } from '../../engine/secrets.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'secret exists SECRET',
  summary: 'Whether there is such a secret: exit code 0 or 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  try {
    findSecret(roots, onlyWord(options, 'secret'));
    return 0;
  } catch (error) {
    if (isCortenError(error) && error.code === 'ENGINE_SECRET_NOT_FOUND') return EXIT.FAILED;
    throw error;
  }
}
