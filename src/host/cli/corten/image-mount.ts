import { mountedImages, mountImage } from '../../engine/mount-image.ts';
import { forEach, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'image mount [flags] [IMAGE...]',
  summary:
    'Mounts the files of images, read-only, and prints where; without an image lists those that are mounted.',
  flags: {
    quiet: { kind: 'switch', short: 'q', help: 'list IDs alone' },
    format: FORMAT_FLAG,
  },
} as const;

const PREFIX = 'sha256:'.length;
const SHORT_ID = 12;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0)
    return forEach(options.rest, (word) => print(`${mountImage(roots, word).path}\n`));
  const rows = mountedImages(roots).map(({ id, path }) => ({
    ID: id.slice(PREFIX, PREFIX + SHORT_ID),
    Path: path,
  }));
  printList(
    { rows, headers: { ID: 'IMAGE', Path: 'PATH' }, columns: ['ID', 'Path'], identifier: 'ID' },
    { format: options.text('format'), isQuiet: options.isOn('quiet') },
  );
  return 0;
}
