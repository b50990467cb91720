import { findSecret } from '../../engine/secrets.ts';
import type { CortenContext } from '../corten-context.ts';
import { existsCode } from '../corten-exists.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'secret exists SECRET',
  summary: 'Whether there is such a secret: exit code 0 or 1.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const wanted = onlyWord(options, 'secret');
  return existsCode(() => void findSecret(roots, wanted));
}
