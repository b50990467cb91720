import { exportToFile } from '../../engine/export-container.ts';
import { findContainer } from '../../engine/find-container.ts';
import { isTerminal } from '../../kernel/terminal.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'export [flags] CONTAINER',
  summary: "Writes a container's files as a tar archive to standard output.",
  flags: { output: { kind: 'text', short: 'o', value: 'FILE', help: 'to a file instead' } },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const places = findContainer(roots, onlyWord(options, 'container'));
  const path = options.text('output');
  if (path === undefined && isTerminal(1)) {
    throw usageError('The archive would go to the terminal: redirect it, or give --output');
  }
  exportToFile(roots, places, path);
  return 0;
}
