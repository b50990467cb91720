import { forgetManifestList } from '../../engine/manifest-list.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'manifest rm LIST...',
  summary: 'Forgets lists. What was pushed stays in its registry.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name the lists to forget');
  return forEach(options.rest, (list) => forgetManifestList(roots, list));
}
