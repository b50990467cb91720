import { annotateManifestList } from '../../engine/manifest-list.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { listedWords, MANIFEST_FLAGS } from '../manifest-words.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'manifest annotate [flags] LIST IMAGE|DIGEST',
  summary: "Changes what a list says of an image's platform.",
  flags: MANIFEST_FLAGS,
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [list, image, ...more] = options.rest;
  if (list === undefined || image === undefined || more.length > 0) {
    throw usageError('Name the list and one of its images');
  }
  annotateManifestList(roots, { list, image, words: listedWords(options) });
  return 0;
}
