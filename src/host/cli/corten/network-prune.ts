import { pruneNetworks } from '../../engine/networks.ts';
import type { CortenContext } from '../corten-context.ts';
import { FILTER_FLAG, filtersFrom, hasLabels } from '../corten-filters.ts';
import { confirms } from '../corten-prompt.ts';
import { momentOf } from '../moment.ts';
import { print } from '../runt-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'network prune [flags]',
  summary: 'Removes the networks that no container is in.',
  flags: {
    force: { kind: 'switch', short: 'f', help: 'without asking' },
    filter: { kind: 'list', value: FILTER_FLAG.value, help: 'only those that fit: label, until' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const filters = filtersFrom(options.list('filter'), ['label', 'until']);
  const until = filters.get('until')?.map((text) => momentOf('filter until', text, Date.now())) ?? [];
  const labels = filters.get('label') ?? [];
  if (!options.isOn('force') && !confirms('This will remove all networks without a container. Go on?'))
    return 0;
  const removed = pruneNetworks(
    roots,
    (record) =>
      !hasLabels(new Map(record.labels), labels) ||
      until.some((limit) => Date.parse(record.created) >= limit),
  );
  if (removed.length > 0) print(`Deleted Networks:\n${removed.map((name) => `${name}\n`).join('')}\n`);
  return 0;
}
