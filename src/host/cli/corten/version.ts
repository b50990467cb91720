import { VERSION, versions } from '../../engine/version.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { DOCUMENT_FORMAT_FLAG, printDocument } from '../corten-document.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'version [flags]',
  summary: 'Prints the version of the engine and of what it is made of.',
  flags: {
    format: DOCUMENT_FORMAT_FLAG,
    short: { kind: 'switch', help: 'one line alone' },
  },
} as const;

export function main({ words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length > 0) throw usageError(`version takes no argument "${options.rest[0]}"`);
  if (options.isOn('short')) print(`corten version ${VERSION}\n`);
  else printDocument(versions(), options.text('format'));
  return 0;
}
