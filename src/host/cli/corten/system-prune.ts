import { shortReference } from '../../../pure/store/reference.ts';
import { pruneSystem } from '../../engine/prune-system.ts';
import type { CortenContext } from '../corten-context.ts';
import { confirms } from '../corten-prompt.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { print } from '../runt-context.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'system prune [flags]',
  summary: 'Removes containers that have ended, images without a name, and what ended pulls left.',
  flags: {
    all: { kind: 'switch', short: 'a', help: 'also images with names, if no container is made from them' },
    force: { kind: 'switch', short: 'f', help: 'without asking' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const isAll = options.isOn('all');
  const images = isAll ? 'all images without a container' : 'all images without a name';
  const question = `This will remove all containers that have ended, ${images}, and what ended pulls left. Go on?`;
  if (!options.isOn('force') && !confirms(question)) return 0;
  const pruned = pruneSystem(roots, isAll);
  if (pruned.containers.length > 0) print(`Deleted Containers:\n${pruned.containers.join('\n')}\n\n`);
  if (pruned.images.length > 0) {
    const lines = pruned.images.flatMap(({ untagged, deleted }) => [
      ...untagged.map((name) => `untagged: ${shortReference(name)}\n`),
      ...(deleted === undefined ? [] : [`deleted: ${deleted}\n`]),
    ]);
    print(`Deleted Images:\n${lines.join('')}\n`);
  }
  print(`Total reclaimed space: ${sizeText(pruned.reclaimed)}\n`);
  return 0;
}
