import { shortReference } from '../../../pure/store/reference.ts';
import { pruneImages } from '../../engine/prune-images.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { confirms } from '../corten-prompt.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'image prune [flags]',
  summary: 'Removes images that have no name any more.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'also those with names, if no container was made from them' },
    force: { kind: 'switch', short: 'f', help: 'without asking' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0) throw usageError(`image prune takes no argument "${options.rest[0]}"`);
  const isAll = options.isOn('all');
  const what = isAll ? 'all images without a container' : 'all images without a name';
  if (!options.isOn('force') && !confirms(`This will remove ${what}. Go on?`)) return 0;
  const { removed, reclaimed } = pruneImages(roots, isAll);
  for (const { untagged, deleted } of removed) {
    for (const name of untagged) print(`Untagged: ${shortReference(name)}\n`);
    if (deleted !== undefined) print(`Deleted: ${deleted}\n`);
  }
  print(`Total reclaimed space: ${sizeText(reclaimed)}\n`);
  return 0;
}
