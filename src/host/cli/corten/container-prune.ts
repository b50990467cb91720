import { pruneContainers } from '../../engine/prune-containers.ts';
import type { CortenContext } from '../corten-context.ts';
import { prunedBy } from '../container-filters.ts';
import { confirms } from '../corten-prompt.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { print } from '../runt-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'container prune [flags]',
  summary: 'Removes all containers that do not run, with all that they wrote.',
  flags: {
    force: { kind: 'switch', short: 'f', help: 'without asking' },
    filter: { kind: 'list', value: 'KEY=VALUE', help: 'only those that fit: label, label!, until' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const fits = prunedBy(roots, options.list('filter'));
  if (!options.isOn('force') && !confirms('This will remove all containers that do not run. Go on?'))
    return 0;
  const { removed, reclaimed } = pruneContainers(roots, fits);
  if (removed.length > 0) print(`Deleted Containers:\n${removed.join('\n')}\n\n`);
  print(`Total reclaimed space: ${sizeText(reclaimed)}\n`);
  return 0;
}
