import { storeError } from '../../../pure/store/errors.ts';
import { forgetManifestList, manifestList } from '../../engine/manifest-list.ts';
import { pushManifestList } from '../../engine/push-manifest-list.ts';
import { ACCESS_FLAGS, applyAccess } from '../access-words.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { PROGRESS_FLAG, progressFrom } from '../corten-progress.ts';
import { parseVerb } from '../verb.ts';

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
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  applyAccess(options);
  const [name, destination = name, ...more] = options.rest;
  if (name === undefined || destination === undefined || more.length > 0) {
    throw usageError('Name the list to push, and at most one more name for it');
  }
  const list = manifestList(roots, name);
  if (list === undefined) {
    throw storeError('IMAGE_LIST_NOT_FOUND', `No list ${name}: corten manifest create makes one`);
  }
  const code = pushManifestList(roots, {
    list,
    destination: destination.replace(/^docker:\/\//, ''),
    progress: progressFrom(options),
  });
  if (code === 0 && (options.isOn('purge') || options.isOn('rm'))) forgetManifestList(roots, name);
  return code;
}
