import { askRegistry, manifestWord, remoteName } from '../../engine/ask-registry.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { plainText } from '../plain-text.ts';
import { onlyWord } from '../verb.ts';

const HELP = {
  usage: 'registry referrers [flags] IMAGE',
  summary:
    'Lists what has an image of a registry as its subject: signatures, attestations and other artifacts.',
  flags: {
    type: { kind: 'text', value: 'TYPE', help: 'those of one artifact type alone' },
    quiet: { kind: 'switch', short: 'q', help: 'print digests alone' },
    format: FORMAT_FLAG,
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const name = remoteName(onlyWord(options, 'image'));
  const artifactType = options.text('type');
  const found = askRegistry(roots, name, {
    kind: 'referrers',
    of: manifestWord(name),
    ...(artifactType === undefined ? {} : { artifactType }),
  });
  if (found === undefined) return EXIT.FAILED;
  const rows = found.map(({ digest, artifactType: type, mediaType, size, annotations }) => ({
    Digest: digest,
    ArtifactType: plainText(type),
    MediaType: plainText(mediaType),
    Size: sizeText(size),
    Annotations: annotations,
  }));
  printList(
    {
      rows,
      headers: { ArtifactType: 'ARTIFACT TYPE' },
      columns: ['Digest', 'ArtifactType', 'Size'],
      identifier: 'Digest',
    },
    { format: options.text('format'), isQuiet: options.isOn('quiet') },
  );
  return 0;
}
