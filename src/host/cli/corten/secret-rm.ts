import { isCortenError } from '../../../pure/base/errors.ts';
import { allSecretNames, removeSecret } from '../../engine/secrets.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'secret rm [flags] SECRET...',
  summary: 'Removes secrets. Containers that run keep what they have of them.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'every secret' },
    ignore: { kind: 'switch', short: 'i', help: 'one that is not there is no error' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const isAll = options.isOn('all');
  if (options.rest.length === 0 && !isAll) throw usageError('Name at least one secret to remove');
  const wanted = isAll ? allSecretNames(roots) : options.rest;
  return forEach(wanted, (name) => {
    try {
      removeSecret(roots, name);
      print(`${name}\n`);
    } catch (error) {
      const isMissing = isCortenError(error) && error.code === 'ENGINE_SECRET_NOT_FOUND';
      if (!isMissing || !options.isOn('ignore')) throw error;
    }
  });
}
