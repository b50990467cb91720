import { usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const VERSION = '0.1.0';

const HELP = { usage: 'version', summary: 'Prints the version.', flags: {} } as const;

export function main({ words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0) throw usageError(`version takes no argument "${options.rest[0]}"`);
  print(`corten version ${VERSION}\n`);
  return 0;
}
