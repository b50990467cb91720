import { isCortenError } from '../../../pure/base/errors.ts';
import { shortReference } from '../../../pure/store/reference.ts';
import { removeImage } from '../../engine/remove-image.ts';
import { forEach, usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'rmi [flags] IMAGE...',
  summary: 'Removes names from images, and images with their last name.',
  flags: {
    force: {
      kind: 'switch',
      short: 'f',
      help: 'though a container was made from it, and with all names of an ID; one that is not there is no error',
    },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name at least one image to remove');
  const isForced = options.isOn('force');
  return forEach(options.rest, (wanted) => {
    try {
      const { untagged, deleted } = removeImage(roots, wanted, isForced);
      for (const name of untagged) print(`Untagged: ${shortReference(name)}\n`);
      if (deleted !== undefined) print(`Deleted: ${deleted}\n`);
    } catch (error) {
      if (!isForced || !isCortenError(error) || error.code !== 'IMAGE_NOT_FOUND') throw error;
    }
  });
}
