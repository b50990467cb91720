import { tagImage } from '../../engine/tag-image.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'tag IMAGE NAME[:TAG]',
  summary: 'Gives an image one more name.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [image, name, ...more] = options.rest;
  if (image === undefined || name === undefined || more.length > 0) {
    throw usageError('Name the image and its new name');
  }
  tagImage(roots, image, name);
  return 0;
}
