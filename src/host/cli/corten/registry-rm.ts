import { parseReference } from '../../../pure/store/reference.ts';
import { askRegistry, manifestWord } from '../../engine/ask-registry.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';

const HELP = {
  usage: 'registry rm [flags] NAME:TAG|NAME@DIGEST...',
  summary: "Takes tags away from a registry, or manifests with all their tags. The store's own images stay.",
  flags: {
    manifest: { kind: 'switch', help: 'delete what the tag names, and with it every other tag of the same' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name what the registry is to lose');
  let code = 0;
  const failed = forEach(options.rest, (text) => {
    const reference = parseReference(text);
    // A tag that nobody typed is not deleted.
    if (reference.digest === undefined && !text.endsWith(`:${reference.tag}`)) {
      throw usageError(`"${text}" says neither a tag nor a digest`);
    }
    const question = {
      kind: 'delete',
      of: manifestWord(reference),
      isWholeManifest: options.isOn('manifest'),
    } as const;
    if (askRegistry(roots, reference, question) === undefined) code = EXIT.FAILED;
    else print(`Deleted: ${text}\n`);
  });
  return Math.max(code, failed);
}
