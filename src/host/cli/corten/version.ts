import type { CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const VERSION = '0.1.0';

const HELP = { usage: 'version', summary: 'Prints the version.', flags: {} } as const;

export function main({ words }: CortenContext): number {
  if (parseVerb('corten', HELP, words) !== undefined) print(`corten version ${VERSION}\n`);
  return 0;
}
