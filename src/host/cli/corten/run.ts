import { runContainer } from '../../engine/run-container.ts';
import type { RunningContainer } from '../../engine/start-container.ts';
import { awaitStarted } from '../../monitor/connect-monitor.ts';
import { checkTerminal } from '../check-terminal.ts';
import { EXIT, exitCodeOf, reportError, usageError, type CortenContext } from '../corten-context.ts';
import { howToJoin, join } from '../corten-join.ts';
import { cidFileOf, replaceIfWanted } from '../corten-pending.ts';
import { ofImage, withImage } from '../corten-pull-policy.ts';
import { RUN_FLAGS, runRequestFrom } from '../corten-run-flags.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'run [flags] IMAGE [COMMAND] [ARG...]',
  summary: 'Makes a container from an image and runs a program in it.',
  flags: RUN_FLAGS,
  flagPlace: 'first',
} as const;

export function main(context: CortenContext): number {
  try {
    const options = parseVerb('corten', HELP, context.words);
    if (options === undefined) return 0;
    return run(context, options);
  } catch (error) {
    reportError(error);
    return exitCodeOf(error);
  }
}

function run({ roots }: CortenContext, options: Options): number {
  checkTerminal(options);
  const isDetached = options.isOn('detach');
  if (isDetached && options.list('attach').length > 0)
    throw usageError('The flags --detach and --attach exclude each other');
  const request = runRequestFrom(options);
  const how = howToJoin(options, request.hasStdin, options.list('attach'));
  const image = 'image' in request.source ? request.source.image : undefined;
  using cidFile = cidFileOf(options);
  const container = withImage({ roots, image, options }, (name) => {
    replaceIfWanted(roots, options);
    return runContainer(roots, ofImage(request, name), !isDetached);
  });
  if (container === undefined) return EXIT.ENGINE;
  const { connection, id, pid } = container;
  cidFile?.write(id);
  const code = isDetached
    ? detached(container)
    : join({ connection, pid, hasTerminal: request.hasTerminal }, how);
  cidFile?.keep();
  return code;
}

function detached({ connection, id }: RunningContainer): number {
  awaitStarted(connection);
  print(`${id}\n`);
  return 0;
}
