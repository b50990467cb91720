import { pushAllTags, pushImage } from '../../engine/push-image.ts';
import { ACCESS_FLAGS, parseRegistryVerb, pushWords } from '../access-words.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { PROGRESS_FLAG, progressFrom } from '../corten-progress.ts';

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
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const { name: image, destination } = pushWords(options, 'image');
  if (options.isOn('all-tags')) {
    if (options.rest.length > 1) throw usageError('With --all-tags only the repository is named');
    return pushAllTags(roots, image, progressFrom(options));
  }
  return pushImage(roots, { image, destination, progress: progressFrom(options) });
}
