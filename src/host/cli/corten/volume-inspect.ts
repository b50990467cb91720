import { inspectVolume } from '../../engine/volumes.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printInspected } from '../corten-inspect.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'volume inspect [flags] VOLUME...',
  summary: 'Shows all about volumes as JSON.',
  flags: { format: FORMAT_FLAG },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one volume');
  const values: object[] = [];
  const code = forEach(options.rest, (name) => values.push(inspectVolume(roots, name)));
  printInspected(values, options.text('format'));
  return code;
}
