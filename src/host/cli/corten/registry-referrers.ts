import { askRegistry, manifestWord, remoteName } from '../../engine/ask-registry.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { isJson, jsonLines } from '../corten-format.ts';
import { sizeText } from '../human-size.ts';
import { plainText } from '../plain-text.ts';
import { print } from '../runt-context.ts';
import { table } from '../table.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'registry referrers [flags] IMAGE',
  summary:
    'Lists what has an image of a registry as its subject: signatures, attestations and other artifacts.',
  flags: {
    type: { kind: 'text', value: 'TYPE', help: 'those of one artifact type alone' },
    format: { kind: 'text', value: 'json', help: 'one JSON object a line' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const asJson = isJson(options.text('format'));
  const name = remoteName(onlyWord(options, 'image'));
  const artifactType = options.text('type');
  const found = askRegistry(roots, name, {
    kind: 'referrers',
    of: manifestWord(name),
    ...(artifactType === undefined ? {} : { artifactType }),
  });
  if (found === undefined) return EXIT.FAILED;
  const rows = found.map((one) => [one.digest, plainText(one.artifactType), sizeText(one.size)]);
  print(asJson ? jsonLines(found) : table([['DIGEST', 'ARTIFACT TYPE', 'SIZE'], ...rows]));
  return 0;
}
