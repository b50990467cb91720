import { findContainer } from '../../engine/find-container.ts';
import { updateContainer } from '../../engine/update-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { limitsFrom } from '../corten-limits.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'update [flags] CONTAINER...',
  summary: 'Changes the limits of containers, of those that run at once.',
  flags: {
    memory: { kind: 'text', short: 'm', value: 'SIZE', help: 'most memory: a number with k, m or g' },
    cpus: { kind: 'text', value: 'NUMBER', help: 'most processors at a time: 0.5 is half of one' },
    'pids-limit': { kind: 'text', value: 'NUMBER', help: 'most processes, -1 for any number' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to update');
  const limits = limitsFrom(options);
  const hasUnlimitedPids = ['0', '-1'].includes(options.text('pids-limit') ?? '');
  if (Object.keys(limits).length === 0 && !hasUnlimitedPids)
    throw usageError('Name at least one limit to change');
  return forEach(options.rest, (wanted) => {
    updateContainer(findContainer(roots, wanted), { limits, hasUnlimitedPids });
    print(`${wanted}\n`);
  });
}
