import { findContainer } from '../../engine/find-container.ts';
import { waitContainer } from '../../engine/wait-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'wait CONTAINER...',
  summary: 'Waits until containers end, and prints the exit code of each.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one container to wait for');
  return forEach(options.rest, (wanted) => print(`${waitContainer(findContainer(roots, wanted))}\n`));
}
