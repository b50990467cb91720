import { systemInfo } from '../../engine/system-info.ts';
import type { CortenContext } from '../corten-context.ts';
import { DOCUMENT_FORMAT_FLAG, printDocument } from '../corten-document.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'info [flags]',
  summary: 'Shows what this engine is and has, and the machine that it runs on.',
  flags: { format: DOCUMENT_FORMAT_FLAG },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  printDocument(systemInfo(roots), options.text('format'));
  return 0;
}
