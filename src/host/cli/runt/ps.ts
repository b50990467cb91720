import { CortenError } from '../../../pure/base/errors.ts';
import { listProcesses } from '../../runtime/ps.ts';
import { processTable } from '../process-table.ts';
import { print, type RuntContext } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'ps [flags] CONTAINER [PS-OPTION...]',
  summary: 'Shows the processes of a container, as ps(1) shows them.',
  flags: { format: { kind: 'text', short: 'f', value: 'FORMAT', help: 'table or json, table unless given' } },
} as const;

export function main({ root, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const [id, ...psOptions] = options.rest;
  if (id === undefined)
    throw new CortenError('invalid_argument', 'CLI_ARGUMENTS', 'The container id is missing');
  const pids = listProcesses(root, id);
  const format = options.text('format') ?? 'table';
  if (format === 'json') print(`${JSON.stringify(pids)}\n`);
  else if (format === 'table') print(processTable(psOptions.length === 0 ? ['-ef'] : psOptions, pids));
  else
    throw new CortenError(
      'invalid_argument',
      'CLI_FORMAT_UNKNOWN',
      `The format "${format}" is unknown: give table or json`,
    );
  return 0;
}
