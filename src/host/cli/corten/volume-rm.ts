import { isCortenError } from '../../../pure/base/errors.ts';
import { removeVolume } from '../../engine/volumes.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'volume rm [flags] VOLUME...',
  summary: 'Removes volumes with all that is in them.',
  flags: { force: { kind: 'switch', short: 'f', help: 'one that is not there is no error' } },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one volume to remove');
  return forEach(options.rest, (name) => {
    try {
      removeVolume(roots, name);
      print(`${name}\n`);
    } catch (error) {
      if (!options.isOn('force') || !isCortenError(error) || error.code !== 'VOLUME_NOT_FOUND') throw error;
    }
  });
}
