import { findContainer } from '../../engine/find-container.ts';
import { stopContainer } from '../../engine/stop-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import type { Options } from '../options.ts';
import { numberOf, parseVerb } from '../verb.ts';

const DEFAULT_TIMEOUT = 10;

const HELP = {
  usage: 'stop [flags] CONTAINER...',
  summary: 'Asks the programs of containers to end, and kills those that do not.',
  flags: {
    time: {
      kind: 'text',
      short: 't',
      value: 'SECONDS',
      help: `how long to wait before the kill, ${DEFAULT_TIMEOUT} unless given, -1 for ever`,
    },
    timeout: { kind: 'text', value: 'SECONDS', help: 'the same as --time' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to stop');
  const timeout = timeoutFrom(options, 'time') ?? timeoutFrom(options, 'timeout') ?? DEFAULT_TIMEOUT;
  return forEach(options.rest, (wanted) => {
    stopContainer(findContainer(roots, wanted), timeout);
    print(`${wanted}\n`);
  });
}

function timeoutFrom(options: Options, name: string): number | undefined {
  return options.text(name) === '-1' ? -1 : numberOf(options, name);
}
