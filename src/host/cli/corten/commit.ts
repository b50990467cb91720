import { commitContainer } from '../../engine/commit-container.ts';
import { findContainer } from '../../engine/find-container.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { IMAGE_CHANGE_FLAGS } from '../image-change-flags.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'commit [flags] CONTAINER [REPOSITORY[:TAG]]',
  summary: 'Makes an image of what a container is now, and prints its ID.',
  flags: {
    author: { kind: 'text', short: 'a', value: 'TEXT', help: 'who made it' },
    pause: { kind: 'switch', short: 'p', help: 'stand still meanwhile, as it does unless --pause=false' },
    ...IMAGE_CHANGE_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [wanted, reference, ...more] = options.rest;
  if (wanted === undefined || more.length > 0)
    throw usageError('Name a container, and at most a name for the image');
  return commitContainer(roots, findContainer(roots, wanted), {
    reference,
    changes: options.list('change'),
    message: options.text('message'),
    author: options.text('author'),
    isPaused: options.text('pause') !== 'false',
  });
}
