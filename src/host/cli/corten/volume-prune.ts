import { pruneVolumes } from '../../engine/volumes.ts';
import type { CortenContext } from '../corten-context.ts';
import { confirms } from '../corten-prompt.ts';
import { volumeFilter } from '../corten-volume-filters.ts';
import { print } from '../runt-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'volume prune [flags]',
  summary: 'Removes volumes that nobody named and no container has.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'also those with names' },
    filter: { kind: 'list', value: 'KEY=VALUE', help: 'those alone that fit: label, name' },
    force: { kind: 'switch', short: 'f', help: 'without asking' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const isAll = options.isOn('all');
  const fits = volumeFilter(options.list('filter'));
  const what = isAll
    ? 'all volumes that no container has'
    : 'all volumes without a name that no container has';
  if (!options.isOn('force') && !confirms(`This will remove ${what}. Go on?`)) return 0;
  print(
    pruneVolumes(roots, isAll, fits)
      .map((name) => `Deleted: ${name}\n`)
      .join(''),
  );
  return 0;
}
