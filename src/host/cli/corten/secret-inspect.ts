import { inspectSecret } from '../../engine/secrets.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printInspected } from '../corten-inspect.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'secret inspect [flags] SECRET...',
  summary: 'Shows all about secrets as JSON, but for what they are.',
  flags: { format: FORMAT_FLAG },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one secret');
  const values: object[] = [];
  const code = forEach(options.rest, (name) => values.push(inspectSecret(roots, name)));
  printInspected(values, options.text('format'));
  return code;
}
