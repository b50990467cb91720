import { loadImages } from '../../engine/load-images.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseImagePlace } from '../image-place.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'load [flags]',
  summary:
    'Loads images that docker save, podman save or skopeo copy made, plain or compressed with gzip or zstd. Where from:\n' +
    'a file or directory, oci:DIR[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME] or dir:DIR.',
  flags: {
    input: { kind: 'text', short: 'i', value: 'FILE', help: 'where from; standard input unless given' },
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
  const input = options.text('input');
  const place = input === undefined ? undefined : parseImagePlace(input);
  return loadImages(roots, { path: place?.path, name: place?.name, isQuiet: options.isOn('quiet') });
}
