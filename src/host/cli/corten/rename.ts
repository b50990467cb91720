import { findContainer } from '../../engine/find-container.ts';
import { renameContainer } from '../../engine/rename-container.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'rename CONTAINER NAME',
  summary: 'Gives a container another name.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [wanted, name, ...more] = options.rest;
  if (wanted === undefined || name === undefined || more.length > 0) {
    throw usageError('Give a container and its new name');
  }
  renameContainer(findContainer(roots, wanted), name);
  return 0;
}
