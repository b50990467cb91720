import { pushImage } from '../../engine/push-image.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { PROGRESS_FLAG, progressFrom } from '../corten-progress.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'push [flags] IMAGE [DESTINATION]',
  summary: 'Brings an image to the registry that its name begins with, or to the name given second.',
  flags: {
    progress: PROGRESS_FLAG,
    quiet: { kind: 'switch', short: 'q', help: 'print the name of the image alone' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [image, destination = image, ...more] = options.rest;
  if (image === undefined || destination === undefined || more.length > 0) {
    throw usageError('Name the image to push, and at most one more name for it');
  }
  return pushImage(roots, { image, destination, progress: progressFrom(options) });
}
