import { runContainer, type RunningContainer } from '../../engine/run-container.ts';
import type { RunRequest } from '../../engine/run-request.ts';
import { waitFor } from '../../kernel/process.ts';
import { awaitGone, awaitStarted } from '../../monitor/connect-monitor.ts';
import { checkTerminal } from '../check-terminal.ts';
import { attach } from '../corten-attach.ts';
import { EXIT, exitCodeOf, reportError, type CortenContext } from '../corten-context.ts';
import { withImage } from '../corten-pull-policy.ts';
import { RUN_FLAGS, runRequestFrom } from '../corten-run-flags.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'run [flags] IMAGE [COMMAND] [ARG...]',
  summary: 'Makes a container from an image and runs a program in it.',
  flags: RUN_FLAGS,
} as const;

export function main({ roots, words }: CortenContext): number {
  try {
    const options = parseVerb('corten', HELP, words);
    if (options === undefined) return 0;
    checkTerminal(options);
    const isDetached = options.isOn('detach');
    const request = runRequestFrom(options);
    const image = 'image' in request.source ? request.source.image : undefined;
    const container = withImage({ roots, image, options }, (name) =>
      runContainer(roots, ofImage(request, name), !isDetached),
    );
    if (container === undefined) return EXIT.ENGINE;
    return isDetached ? detached(container) : attached(container, options);
  } catch (error) {
    reportError(error);
    return exitCodeOf(error);
  }
}

function ofImage(request: RunRequest, image: string): RunRequest {
  return 'image' in request.source ? { ...request, source: { image } } : request;
}

function detached({ connection, id }: RunningContainer): number {
  awaitStarted(connection);
  print(`${id}\n`);
  return 0;
}

function attached({ connection, pid }: RunningContainer, options: Options): number {
  const end = attach({ connection, hasStdin: options.isOn('interactive'), hasTerminal: options.isOn('tty') });
  if (end === 'detached') return 0;
  // Until nothing is left of what goes with the container's end, the monitor itself included.
  awaitGone(connection);
  waitFor(pid);
  return end.code;
}
