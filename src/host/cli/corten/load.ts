import { loadImages } from '../../engine/load-images.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'load [flags]',
  summary:
    'Loads images from an archive, made by docker save, podman save or skopeo copy: plain, gzip or zstd.',
  flags: {
    input: { kind: 'text', short: 'i', value: 'FILE', help: 'the archive; standard input unless given' },
    quiet: { kind: 'switch', short: 'q', help: 'print the names of the images alone' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [word] = options.rest;
  if (word !== undefined)
    throw usageError(
      `load takes no argument "${word}": name the archive by -i, or give it on standard input`,
    );
  return loadImages(roots, { file: options.text('input'), isQuiet: options.isOn('quiet') });
}
