import { findContainer } from '../../engine/find-container.ts';
import { unpauseContainer } from '../../engine/pause-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'unpause CONTAINER...',
  summary: 'Lets all processes of paused containers go on.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to unpause');
  return forEach(options.rest, (wanted) => {
    unpauseContainer(findContainer(roots, wanted));
    print(`${wanted}\n`);
  });
}
