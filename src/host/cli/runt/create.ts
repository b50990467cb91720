import { CREATE_FLAGS, createFromBundle } from '../runt-create.ts';
import type { RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'create [flags] CONTAINER',
  flagPlace: 'anywhere' as const,
  summary: 'Makes a container whose program waits for "runt start".',
  flags: CREATE_FLAGS,
};

export function main(context: RuntContext): number {
  const options = parseVerb('runt', HELP, context.words);
  if (options === undefined) return 0;
  createFromBundle({
    context,
    options,
    id: onlyWord(options, 'container id'),
    start: 'wait',
    isForeground: false,
  });
  return 0;
}
