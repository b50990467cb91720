import { mountedImages, unmountImage } from '../../engine/mount-image.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'image unmount [flags] IMAGE...',
  summary: 'Unmounts images that image mount has mounted, and prints their IDs.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'every image that is mounted' },
    force: { kind: 'switch', short: 'f', help: 'though a program is at work in it, which keeps its files' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isAll = options.isOn('all');
  if (isAll === options.rest.length > 0) throw usageError('Name the images to unmount, or say --all');
  const wanted = isAll ? mountedImages(roots).map(({ id }) => id) : options.rest;
  return forEach(wanted, (word) => print(`${unmountImage(roots, word, options.isOn('force')).id}\n`));
}
