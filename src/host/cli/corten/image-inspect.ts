import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printInspected, requireInspectedImage } from '../corten-inspect.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'image inspect [flags] IMAGE...',
  summary: 'Shows all about images as JSON.',
  flags: { format: FORMAT_FLAG },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one image');
  const values: object[] = [];
  const code = forEach(options.rest, (wanted) => values.push(requireInspectedImage(roots, wanted)));
  printInspected(values, options.text('format'));
  return code;
}
