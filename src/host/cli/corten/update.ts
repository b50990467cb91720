import { findContainer } from '../../engine/find-container.ts';
import { updateContainer } from '../../engine/update-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { limitsFrom } from '../corten-limits.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

type Settings = typeof import('../settings/settings.chunk.ts');

const HELP = {
  usage: 'update [flags] CONTAINER...',
  summary: 'Changes the limits and the restart policy of containers, at once of those that run.',
  flags: {
    memory: { kind: 'text', short: 'm', value: 'SIZE', help: 'most memory: a number with k, m or g' },
    'memory-reservation': {
      kind: 'text',
      value: 'SIZE',
      help: 'memory that it is pushed back to when it runs short',
    },
    'memory-swap': {
      kind: 'text',
      value: 'SIZE',
      help: 'most memory and swap together; -1 for no limit of swap',
    },
    cpus: { kind: 'text', value: 'NUMBER', help: 'most processors at a time: 0.5 is half of one' },
    'cpu-shares': {
      kind: 'text',
      short: 'c',
      value: 'NUMBER',
      help: 'weight against other containers, 1024 is usual',
    },
    'cpu-period': { kind: 'text', value: 'US', help: 'period of --cpu-quota, in microseconds' },
    'cpu-quota': { kind: 'text', value: 'US', help: 'processor time in each period' },
    'cpu-rt-period': { kind: 'text', value: 'US', help: 'period of --cpu-rt-runtime' },
    'cpu-rt-runtime': { kind: 'text', value: 'US', help: 'processor time of realtime processes' },
    'cpuset-cpus': { kind: 'text', value: 'LIST', help: 'processors to use, as 0-3,5' },
    'cpuset-mems': { kind: 'text', value: 'LIST', help: 'memory nodes to use' },
    'blkio-weight': { kind: 'text', value: 'NUMBER', help: 'weight of block I/O, 10 to 1000' },
    'pids-limit': { kind: 'text', value: 'NUMBER', help: 'most processes, -1 for any number' },
    restart: {
      kind: 'text',
      value: 'no|always|unless-stopped|on-failure[:MOST]',
      help: 'whether it is started again when it ends next',
    },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to update');
  const { parseRestart, withMoreLimits } = load('cli/settings/settings.chunk.js') as Settings;
  const limits = withMoreLimits(limitsFrom(options), options);
  const restart = options.text('restart');
  const change = {
    limits,
    hasUnlimitedPids: ['0', '-1'].includes(options.text('pids-limit') ?? ''),
    ...(restart === undefined ? {} : { restart: parseRestart(restart) ?? ('no' as const) }),
  } as const;
  if (Object.keys(limits).length === 0 && !change.hasUnlimitedPids && restart === undefined)
    throw usageError('Name at least one limit to change');
  return forEach(options.rest, (wanted) => {
    updateContainer(findContainer(roots, wanted), change);
    print(`${wanted}\n`);
  });
}
