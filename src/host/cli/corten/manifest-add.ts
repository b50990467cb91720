import { addToManifestList } from '../../engine/manifest-list.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, usageError, type CortenContext } from '../corten-context.ts';
import { listedWords, MANIFEST_FLAGS } from '../manifest-words.ts';

const HELP = {
  usage: 'manifest add [flags] LIST IMAGE...',
  summary: 'Puts images of the store, or else of registries, into a list.',
  flags: {
    all: { kind: 'switch', help: "of an image for several platforms all, not this machine's alone" },
    ...MANIFEST_FLAGS,
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const [list, ...images] = options.rest;
  if (list === undefined || images.length === 0) throw usageError('Name the list, and the images to add');
  const [isAll, said] = [options.isOn('all'), listedWords(options)];
  const added = images.every((image) => addToManifestList(roots, { list, image, isAll, words: said }));
  return added ? 0 : EXIT.FAILED;
}
