import { addToManifestList, createManifestList, NO_WORDS } from '../../engine/manifest-list.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';

const HELP = {
  usage: 'manifest create [flags] LIST [IMAGE...]',
  summary: 'Begins a list of images for several platforms, of the store or of registries.',
  flags: {
    all: { kind: 'switch', help: 'of an image for several platforms all' },
    amend: { kind: 'switch', short: 'a', help: 'add to a list that is there' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const [list, ...images] = options.rest;
  if (list === undefined) throw usageError('The name of the list is missing');
  const name = createManifestList(roots, list, options.isOn('amend'));
  const isAll = options.isOn('all');
  const added = images.every((image) => addToManifestList(roots, { list, image, isAll, words: NO_WORDS }));
  if (!added) return EXIT.FAILED;
  print(`${name}\n`);
  return 0;
}
