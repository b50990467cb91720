import { importImage } from '../../engine/import-image.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { IMAGE_CHANGE_FLAGS } from '../image-change-flags.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'import [flags] FILE|URL|- [NAME[:TAG]]',
  summary: 'Makes an image of the tar of a root file system, and prints its ID.',
  flags: {
    platform: { kind: 'text', value: 'OS/ARCH', help: "what it is for, if not this machine's" },
    ...IMAGE_CHANGE_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [source, reference, ...more] = options.rest;
  if (source === undefined || more.length > 0) {
    throw usageError('Name a tar, an address or - for standard input, and at most a name for the image');
  }
  return importImage(roots, {
    source,
    reference,
    changes: options.list('change'),
    message: options.text('message'),
    platform: options.text('platform'),
  });
}
