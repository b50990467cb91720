import { networkRoots } from '../../engine/roots.ts';
import { inspectBuiltIn, inspectNetwork } from '../../network/inspect-network.ts';
import { findNetwork, membersOf } from '../../network/manage-networks.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printInspected } from '../corten-inspect.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'network inspect [flags] NETWORK...',
  summary: 'Shows all about networks as JSON.',
  flags: {
    format: FORMAT_FLAG,
    verbose: { kind: 'switch', short: 'v', help: 'accepted for compatibility: all is shown' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one network');
  const place = networkRoots(roots);
  const values: object[] = [];
  const code = forEach(options.rest, (wanted) => {
    if (wanted === 'none' || wanted === 'host') return void values.push(inspectBuiltIn(wanted));
    const record = findNetwork(place, wanted);
    values.push(inspectNetwork(record, membersOf(place, record)));
  });
  printInspected(values, options.text('format'));
  return code;
}
