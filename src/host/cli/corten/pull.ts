import { pullAllTags, pullBeside, pullImage } from '../../engine/pull-image.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { PROGRESS_FLAG, progressFrom } from '../corten-progress.ts';

const HELP = {
  usage: 'pull [flags] IMAGE...',
  summary: 'Brings images from their registries: name, name:tag or name@sha256:…',
  flags: {
    platform: { kind: 'text', value: 'OS/ARCH', help: "for another platform than this machine's" },
    'all-tags': { kind: 'switch', short: 'a', help: 'every tag of the repository' },
    progress: PROGRESS_FLAG,
    quiet: { kind: 'switch', short: 'q', help: 'print the name of the image alone' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const [first, ...others] = options.rest.map((text) => text.replace(/^docker:\/\//, ''));
  if (first === undefined) throw usageError('The image is missing');
  const pulling = { platform: options.text('platform'), progress: progressFrom(options) };
  if (options.isOn('all-tags')) {
    if (others.length > 0) throw usageError('With --all-tags only one repository is named');
    return pullAllTags(roots, { ...pulling, reference: first });
  }
  if (others.length === 0) return pullImage(roots, { ...pulling, reference: first });
  return Math.max(...[first, ...others].map((reference) => pullBeside(roots, { ...pulling, reference })));
}
