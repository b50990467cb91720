import { containerProcesses } from '../../engine/container-processes.ts';
import { findContainer } from '../../engine/find-container.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { processTable } from '../process-table.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'top CONTAINER [PS-OPTION...]',
  summary: "Shows the processes of a container as the host's ps(1) shows them.",
  flags: {},
  flagPlace: 'first',
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [wanted, ...psOptions] = options.rest;
  if (wanted === undefined) throw usageError('The container is missing');
  const pids = containerProcesses(findContainer(roots, wanted));
  print(processTable(psOptions.length === 0 ? ['-ef'] : psOptions, pids));
  return 0;
}
