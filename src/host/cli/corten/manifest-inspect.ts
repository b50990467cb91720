import { formatList } from '../../../pure/store/format-list.ts';
import { askRegistry, manifestWord, remoteName } from '../../engine/ask-registry.ts';
import { manifestList } from '../../engine/manifest-list.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { onlyWord } from '../verb.ts';

const HELP = {
  usage: 'manifest inspect [flags] LIST|IMAGE',
  summary: 'Shows a list of the store as registries get it, or else what a registry has under a name.',
  flags: {
    verbose: { kind: 'switch', short: 'v', help: 'with its digest and media type' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const text = onlyWord(options, 'list or image').replace(/^docker:\/\//, '');
  const list = text.includes('@') ? undefined : manifestList(roots, text);
  if (list !== undefined) {
    const { mediaType, text: content } = formatList(list);
    show(content, options.isOn('verbose') ? { mediaType } : undefined);
    return 0;
  }
  const name = remoteName(text);
  const found = askRegistry(roots, name, { kind: 'manifest', of: manifestWord(name) });
  if (found === undefined) return EXIT.FAILED;
  const { digest, mediaType } = found;
  show(found.text, options.isOn('verbose') ? { digest, mediaType } : undefined);
  return 0;
}

function show(content: string, about: object | undefined): void {
  const document: unknown = JSON.parse(content);
  print(
    `${JSON.stringify(about === undefined ? document : { ...about, manifest: document }, undefined, 2)}\n`,
  );
}
