import { createContainer } from '../../engine/create-container.ts';
import { requireRoot } from '../../engine/start-container.ts';
import { EXIT, exitCodeOf, reportError, type CortenContext } from '../corten-context.ts';
import { cidFileOf, replaceIfWanted } from '../corten-pending.ts';
import { ofImage, withImage } from '../corten-pull-policy.ts';
import { CREATE_FLAGS, runRequestFrom } from '../corten-run-flags.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'create [flags] IMAGE [COMMAND] [ARG...]',
  summary: 'Makes a container from an image, for start to run it.',
  flags: CREATE_FLAGS,
  flagPlace: 'first',
} as const;

export function main({ roots, words }: CortenContext): number {
  try {
    const options = parseVerb('corten', HELP, words);
    if (options === undefined) return 0;
    requireRoot();
    const request = runRequestFrom(options);
    const image = 'image' in request.source ? request.source.image : undefined;
    using cidFile = cidFileOf(options);
    const created = withImage({ roots, image, options }, (name) => {
      replaceIfWanted(roots, options);
      return createContainer(roots, ofImage(request, name));
    });
    if (created === undefined) return EXIT.ENGINE;
    created.directory.close();
    cidFile?.write(created.config.id);
    cidFile?.keep();
    print(`${created.config.id}\n`);
    return 0;
  } catch (error) {
    reportError(error);
    return exitCodeOf(error);
  }
}
