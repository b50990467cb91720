import { execInContainer } from '../../engine/exec-in-container.ts';
import { findContainer } from '../../engine/find-container.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { O } from '../../kernel/constants.ts';
import { openFile } from '../../kernel/files.ts';
import { windowSize } from '../../kernel/terminal.ts';
import { checkTerminal } from '../check-terminal.ts';
import { EXIT, exitCodeOf, reportError, usageError, type CortenContext } from '../corten-context.ts';
import { variableFrom, workingDirectoryFrom } from '../corten-run-flags.ts';
import { holdSignals, waitInForeground } from '../foreground.ts';
import { recordEvent } from '../../engine/record-event.ts';
import type { Options } from '../options.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'exec [flags] CONTAINER COMMAND [ARG...]',
  summary: 'Runs one more program in a running container.',
  flags: {
    detach: { kind: 'switch', short: 'd', help: 'return as soon as the program runs' },
    interactive: { kind: 'switch', short: 'i', help: 'pass standard input on' },
    tty: { kind: 'switch', short: 't', help: 'with a terminal' },
    env: {
      kind: 'list',
      short: 'e',
      value: 'NAME=VALUE',
      help: "set a variable; NAME alone passes the caller's on",
    },
    workdir: { kind: 'text', short: 'w', value: 'DIR', help: 'working directory in the container' },
    user: { kind: 'text', short: 'u', value: 'USER[:GROUP]', help: 'run as this user: a name or a number' },
  },
  flagPlace: 'first',
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [wanted, ...args] = options.rest;
  if (wanted === undefined || args.length === 0)
    throw usageError('Give a container and the program to run in it');
  try {
    checkTerminal(options);
    return execute(options, findContainer(roots, wanted), args);
  } catch (error) {
    reportError(error);
    return failureCode(error);
  }
}

/** As Docker's: what the container hasn't got has a code of its own, all else is a plain failure. */
function failureCode(error: unknown): number {
  const code = exitCodeOf(error);
  if (isCortenError(error) && error.code.startsWith('CLI_')) return EXIT.ENGINE;
  return code === EXIT.ENGINE ? EXIT.FAILED : code;
}

function execute(
  options: Options,
  places: ReturnType<typeof findContainer>,
  args: readonly string[],
): number {
  const isDetached = options.isOn('detach');
  const hasTerminal = options.isOn('tty');
  using nothing = openFile('/dev/null', O.RDWR);
  const input = options.isOn('interactive') && !isDetached ? 0 : nothing.number;
  if (!isDetached) holdSignals();
  const executed = execInContainer(places, {
    args,
    env: options.list('env').flatMap(variableFrom),
    workingDirectory: workingDirectoryFrom(options),
    user: options.text('user'),
    hasTerminal,
    consoleSize: hasTerminal ? windowSize(0) : undefined,
    stdio: isDetached ? [input, input, input] : [input, 1, 2],
  });
  using console = executed.console;
  recordEvent(places, `exec_start: ${args.join(' ')}`);
  if (isDetached) return 0;
  const waited = waitInForeground(executed.pid, console);
  const code = executed.codeOf?.(waited) ?? waited;
  recordEvent(places, 'exec_die', { exitCode: String(code) });
  return code;
}
