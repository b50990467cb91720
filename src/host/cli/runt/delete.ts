import { isCortenError } from '../../../pure/base/errors.ts';
import { deleteContainer } from '../../runtime/delete.ts';
import type { RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'delete [flags] CONTAINER',
  summary: 'Removes what a container has: processes, cgroups and state.',
  flags: {
    force: {
      kind: 'switch',
      short: 'f',
      help: 'also one that still runs (by SIGKILL); none at all is no error',
    },
  },
} as const;

export function main({ root, log, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const force = options.isOn('force');
  try {
    deleteContainer(root, onlyWord(options, 'container id'), { force, warn: log.warn });
  } catch (error) {
    if (!force || !isCortenError(error) || error.code !== 'RUNTIME_NOT_FOUND') throw error;
  }
  return 0;
}
