import { pullImage } from '../../engine/pull-image.ts';
import type { CortenContext } from '../corten-context.ts';
import { PROGRESS_FLAG, progressFrom } from '../corten-progress.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pull [flags] IMAGE',
  summary: 'Brings an image from its registry: name, name:tag or name@sha256:…',
  flags: {
    platform: { kind: 'text', value: 'OS/ARCH', help: "for another platform than this machine's" },
    progress: PROGRESS_FLAG,
    quiet: { kind: 'switch', short: 'q', help: 'print the name of the image alone' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const reference = onlyWord(options, 'image');
  return pullImage(roots, { reference, platform: options.text('platform'), progress: progressFrom(options) });
}
