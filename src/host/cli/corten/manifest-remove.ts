import { removeFromManifestList } from '../../engine/manifest-list.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'manifest remove LIST IMAGE|DIGEST',
  summary: 'Takes an image out of a list.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [list, image, ...more] = options.rest;
  if (list === undefined || image === undefined || more.length > 0) {
    throw usageError('Name the list and one of its images');
  }
  removeFromManifestList(roots, list, image);
  return 0;
}
