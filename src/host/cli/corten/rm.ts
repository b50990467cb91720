import { isCortenError } from '../../../pure/base/errors.ts';
import { findContainer } from '../../engine/find-container.ts';
import { removeContainer } from '../../engine/remove-container.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'rm [flags] CONTAINER...',
  summary: 'Removes containers with all that they wrote.',
  flags: {
    force: {
      kind: 'switch',
      short: 'f',
      help: 'those that run too, by killing them; one that is not there is no error',
    },
    volumes: {
      kind: 'switch',
      short: 'v',
      help: 'remove their anonymous volumes too',
    },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isForced = options.isOn('force');
  if (options.rest.length === 0) throw usageError('Name at least one container to remove');
  return forEach(options.rest, (wanted) => {
    try {
      removeContainer(findContainer(roots, wanted), isForced, options.isOn('volumes'));
      print(`${wanted}\n`);
    } catch (error) {
      if (!isForced || !isCortenError(error) || error.code !== 'ENGINE_CONTAINER_NOT_FOUND') throw error;
    }
  });
}
