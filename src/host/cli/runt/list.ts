import { CortenError } from '../../../pure/base/errors.ts';
import type { ContainerState } from '../../../pure/spec/runtime-state.ts';
import { listContainers } from '../../runtime/list.ts';
import { print, type RuntContext } from '../runt-context.ts';
import { table } from '../table.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'list [flags]',
  flagPlace: 'anywhere',
  summary: 'Lists the containers of the state directory.',
  flags: {
    format: { kind: 'text', short: 'f', value: 'FORMAT', help: 'table or json, table unless given' },
    quiet: { kind: 'switch', short: 'q', help: 'ids only' },
  },
} as const;

export function main({ root, words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const states = listContainers(root);
  const format = options.text('format') ?? 'table';
  if (options.isOn('quiet')) print(states.map(({ id }) => `${id}\n`).join(''));
  else if (format === 'json') print(`${JSON.stringify(states)}\n`);
  else if (format === 'table')
    print(table([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...states.map(row)]));
  else
    throw new CortenError(
      'invalid_argument',
      'CLI_FORMAT_UNKNOWN',
      `The format "${format}" is unknown: give table or json`,
    );
  return 0;
}

function row({ id, pid, status, bundle, created, owner }: ContainerState): readonly string[] {
  return [id, String(pid), status, bundle, created, owner];
}
