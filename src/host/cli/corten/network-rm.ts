import { isCortenError } from '../../../pure/base/errors.ts';
import { removeNetwork } from '../../engine/networks.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'network rm [flags] NETWORK...',
  summary: 'Removes networks that no container is in.',
  flags: { force: { kind: 'switch', short: 'f', help: 'one that is not there is no error' } },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one network to remove');
  return forEach(options.rest, (wanted) => {
    try {
      removeNetwork(roots, wanted);
      print(`${wanted}\n`);
    } catch (error) {
      const isMissing = isCortenError(error) && error.code === 'NETWORK_NOT_FOUND';
      if (!isMissing || !options.isOn('force')) throw error;
    }
  });
}
