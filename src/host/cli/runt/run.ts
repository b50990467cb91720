import { isCortenError } from '../../../pure/base/errors.ts';
import type { CreatedContainer } from '../../runtime/create.ts';
import { deleteContainer, deleteEnded } from '../../runtime/delete.ts';
import { holdSignals, waitInForeground } from '../foreground.ts';
import { CREATE_FLAGS, createFromBundle } from '../runt-create.ts';
import type { RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'run [flags] CONTAINER',
  flagPlace: 'anywhere',
  summary: 'Makes a container, runs its program and, unless detached, waits for its end and deletes it.',
  flags: {
    ...CREATE_FLAGS,
    detach: { kind: 'switch', short: 'd', help: 'return as soon as the program runs' },
    keep: { kind: 'switch', help: 'do not delete the container at its end' },
    'no-subreaper': { kind: 'switch', help: 'accepted for compatibility: orphans are never adopted' },
  },
} as const;

export function main(context: RuntContext): number {
  const options = parseVerb('runt', HELP, context.words);
  if (options === undefined) return 0;
  const id = onlyWord(options, 'container id');
  const isDetached = options.isOn('detach');
  if (!isDetached) holdSignals();
  const created = createFromBundle({ context, options, id, start: 'now', isForeground: !isDetached });
  if (isDetached) return 0;
  const code = waitInForeground(created.pid, created.console);
  created.console?.close();
  if (!options.isOn('keep')) remove(context, id, created);
  return code;
}

/** Somebody else may have deleted it first. */
function remove({ root, log }: RuntContext, id: string, { cgroups, needsDelete }: CreatedContainer): void {
  try {
    if (needsDelete) deleteContainer(root, id, { force: true, warn: log.warn });
    else deleteEnded(root, id, cgroups);
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'RUNTIME_NOT_FOUND') throw error;
  }
}
