import { askRegistry, remoteName } from '../../engine/ask-registry.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, usageError, type CortenContext } from '../corten-context.ts';
import { plainText } from '../plain-text.ts';
import { print } from '../runt-context.ts';
import { onlyWord } from '../verb.ts';

const HELP = {
  usage: 'registry tags [flags] REPOSITORY',
  summary: 'Lists all tags of a repository, one a line.',
  flags: { format: { kind: 'text', value: 'json', help: 'as one JSON list' }, ...ACCESS_FLAGS },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const format = options.text('format');
  if (format !== undefined && format !== 'json')
    throw usageError(`The flag --format takes json, not "${format}"`);
  const tags = askRegistry(roots, remoteName(onlyWord(options, 'repository')), { kind: 'tags' });
  if (tags === undefined) return EXIT.FAILED;
  print(format === 'json' ? `${JSON.stringify(tags)}\n` : tags.map((tag) => `${plainText(tag)}\n`).join(''));
  return 0;
}
