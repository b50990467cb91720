import { storeError } from '../../../pure/store/errors.ts';
import { forgetManifestList, manifestList } from '../../engine/manifest-list.ts';
import { pushManifestList } from '../../engine/push-manifest-list.ts';
import { ACCESS_FLAGS, parseRegistryVerb, pushWords } from '../access-words.ts';
import type { CortenContext } from '../corten-context.ts';
import { PROGRESS_FLAG, progressFrom } from '../corten-progress.ts';

const HELP = {
  usage: 'manifest push [flags] LIST [DESTINATION]',
  summary:
    'Brings a list to a registry, with those of its images that the registry lacks, and prints its digest.',
  flags: {
    all: { kind: 'switch', help: 'taken for podman: the images always go along' },
    purge: { kind: 'switch', short: 'p', help: 'forget the list afterwards' },
    rm: { kind: 'switch', help: 'the same' },
    progress: PROGRESS_FLAG,
    quiet: { kind: 'switch', short: 'q', help: 'print the digest alone' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const { name, destination } = pushWords(options, 'list');
  const list = manifestList(roots, name);
  if (list === undefined) {
    throw storeError('IMAGE_LIST_NOT_FOUND', `No list ${name}: corten manifest create makes one`);
  }
  const code = pushManifestList(roots, { list, destination, progress: progressFrom(options) });
  if (code === 0 && (options.isOn('purge') || options.isOn('rm'))) forgetManifestList(roots, name);
  return code;
}
