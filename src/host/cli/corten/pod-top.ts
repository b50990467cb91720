import { containerProcesses } from '../../engine/container-processes.ts';
import { findPod } from '../../engine/find-pod.ts';
import { listedPod } from '../../engine/list-pods.ts';
import { placesOf } from '../../engine/roots.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { processTable } from '../process-table.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'pod top POD [PS-OPTION...]',
  summary: "Shows the processes of a pod's containers as the host's ps(1) shows them.",
  flags: {},
  flagPlace: 'first',
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [wanted, ...psOptions] = options.rest;
  if (wanted === undefined) throw usageError('The pod is missing');
  const pids = listedPod(roots, findPod(roots, wanted))
    .members.filter(({ state }) => state === 'running')
    .flatMap(({ id, name }) => containerProcesses(placesOf(roots, id, name)));
  print(processTable(psOptions.length === 0 ? ['-ef'] : psOptions, pids));
  return 0;
}
