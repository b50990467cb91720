import { pullArtifact } from '../../engine/artifacts.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import type { CortenContext } from '../corten-context.ts';
import { onlyWord } from '../verb.ts';

const HELP = {
  usage: 'artifact pull [flags] NAME[:TAG|@DIGEST]',
  summary: 'Brings the files of an artifact, and prints their names.',
  flags: {
    output: { kind: 'text', short: 'o', value: 'DIR', help: 'where to; here unless given' },
    force: { kind: 'switch', short: 'f', help: 'replace files that are there' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  return pullArtifact(roots, {
    reference: onlyWord(options, 'artifact'),
    path: options.text('output') ?? '.',
    isForced: options.isOn('force'),
  });
}
