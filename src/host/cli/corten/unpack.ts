import { unpackImage } from '../../engine/unpack-image.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'unpack [flags] IMAGE DIRECTORY',
  summary: 'Makes a directory of the files of an image.',
  flags: {
    layer: {
      kind: 'text',
      value: 'N|ID',
      help: 'one layer alone, by its number from the bottom or its ID, with deletions as overlayfs has them',
    },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [image, directory, ...more] = options.rest;
  if (image === undefined || directory === undefined || more.length > 0) {
    throw usageError('Name the image and the directory');
  }
  unpackImage(roots, { image, directory, layer: options.text('layer') });
  return 0;
}
