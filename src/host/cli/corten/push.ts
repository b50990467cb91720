import { pushAllTags, pushImage } from '../../engine/push-image.ts';
import { ACCESS_FLAGS, applyAccess } from '../access-words.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { PROGRESS_FLAG, progressFrom } from '../corten-progress.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'push [flags] IMAGE [DESTINATION]',
  summary: 'Brings an image to the registry that its name begins with, or to the name given second.',
  flags: {
    'all-tags': { kind: 'switch', short: 'a', help: 'every tag that the store has of the repository' },
    progress: PROGRESS_FLAG,
    quiet: { kind: 'switch', short: 'q', help: 'print the name of the image alone' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  applyAccess(options);
  const [image, destination = image, ...more] = options.rest;
  if (image === undefined || destination === undefined || more.length > 0) {
    throw usageError('Name the image to push, and at most one more name for it');
  }
  if (options.isOn('all-tags')) {
    if (destination !== image) throw usageError('With --all-tags only the repository is named');
    return pushAllTags(roots, image, progressFrom(options));
  }
  return pushImage(roots, {
    image,
    destination: destination.replace(/^docker:\/\//, ''),
    progress: progressFrom(options),
  });
}
