import { CortenError, isCortenError } from '../../../pure/base/errors.ts';
import { deleteContainer } from '../../runtime/delete.ts';
import { listContainers } from '../../runtime/list.ts';
import type { RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'delete [flags] CONTAINER',
  flagPlace: 'anywhere',
  summary: 'Removes what a container has: processes, cgroups and state.',
  flags: {
    force: {
      kind: 'switch',
      short: 'f',
      help: 'also one that still runs (by SIGKILL); none at all is no error',
    },
    regex: { kind: 'switch', help: 'the word is a regular expression, for all containers that it matches' },
  },
} as const;

export function main({ root, log, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const force = options.isOn('force');
  const word = onlyWord(options, 'container id');
  const ids = options.isOn('regex') ? matching(root, word) : [word];
  for (const id of ids) deleteOne(id, { root, log, force });
  return 0;
}

function matching(root: string, text: string): readonly string[] {
  let pattern: RegExp;
  try {
    pattern = new RegExp(text, 'u');
  } catch (error) {
    const sentence = `The flag --regex wants a regular expression, not "${text}"`;
    throw new CortenError('invalid_argument', 'CLI_FLAG_INVALID', sentence, { cause: error });
  }
  return listContainers(root).flatMap(({ id }) => (pattern.test(id) ? [id] : []));
}

interface Deleting extends Omit<RuntContext, 'words'> {
  readonly force: boolean;
}

function deleteOne(id: string, { root, log, force }: Deleting): void {
  try {
    deleteContainer(root, id, { force, warn: log.warn });
  } catch (error) {
    if (!force || !isCortenError(error) || error.code !== 'RUNTIME_NOT_FOUND') throw error;
  }
}
