import { CortenError, isCortenError } from '../../pure/base/errors.ts';
import { attempt, isSysError } from '../kernel/call.ts';
import { F, O } from '../kernel/constants.ts';
import { describeFlags, parseOptions, type FlagTable, type Options } from '../cli/options.ts';
import { Log, print, printError, type LogFormat, type RuntContext } from '../cli/runt-context.ts';

const VERSION = '0.1.0';
const SPEC_VERSION = '1.2.0';
const DEFAULT_ROOT = '/run/runt';

const VERBS: ReadonlyMap<string, string> = new Map([
  ['run', 'make a container and run its program'],
  ['create', 'make a container whose program waits for start'],
  ['start', 'start the program of a created container'],
  ['state', 'print the state of a container as JSON'],
  ['kill', "send a signal to a container's first process"],
  ['delete', 'remove what a container has'],
  ['list', 'list the containers'],
  ['exec', 'run one more process in a container'],
  ['ps', 'show the processes of a container'],
  ['spec', 'write a config.json to start from'],
]);

const FLAGS: FlagTable = {
  root: { kind: 'text', value: 'DIR', help: `state of all containers, ${DEFAULT_ROOT} unless given` },
  log: { kind: 'text', value: 'FILE', help: 'also write warnings and errors to this file' },
  'log-format': { kind: 'text', value: 'FORMAT', help: 'text or json, text unless given' },
  debug: { kind: 'switch', help: 'log more' },
  'systemd-cgroup': { kind: 'switch', help: 'refused: cgroups are made through cgroupfs' },
  rootless: { kind: 'text', value: 'MODE', help: 'accepted for compatibility: auto, true or false' },
  help: { kind: 'switch', short: 'h', help: 'print this help' },
  version: { kind: 'switch', short: 'v', help: 'print the version' },
};

interface Verb {
  readonly main: (context: RuntContext) => number;
}

export function main(): number {
  holdStandardStreams();
  let log = new Log(undefined, 'text', false);
  try {
    const options = parseOptions(argv.slice(1), FLAGS);
    log = new Log(options.text('log'), logFormat(options), options.isOn('debug'));
    return runVerb(options, log);
  } catch (error) {
    report(log, error);
    return 1;
  }
}

/** A descriptor below 3 that is closed would be given to the next file opened, and so to the container. */
function holdStandardStreams(): void {
  for (const stream of [0, 1, 2]) {
    if (attempt('fcntl', stream, F.GETFD, 0) < 0) attempt('open', '/dev/null', O.RDWR, 0);
  }
}

function logFormat(options: Options): LogFormat {
  const format = options.text('log-format') ?? 'text';
  if (format === 'text' || format === 'json') return format;
  throw new CortenError(
    'invalid_argument',
    'CLI_FORMAT_UNKNOWN',
    `The log format "${format}" is unknown: give text or json`,
  );
}

function runVerb(options: Options, log: Log): number {
  if (options.isOn('version')) return printVersion();
  const [name, ...words] = options.rest;
  if (options.isOn('help') || name === undefined || name === 'help') return printHelp();
  if (options.isOn('systemd-cgroup')) {
    throw new CortenError(
      'unimplemented',
      'CLI_FLAG_UNSUPPORTED',
      'The flag --systemd-cgroup is not supported by this version: leave it out',
    );
  }
  if (!VERBS.has(name)) {
    throw new CortenError(
      'invalid_argument',
      'CLI_VERB_UNKNOWN',
      `Unknown command "${name}": --help lists the commands`,
    );
  }
  const root = options.text('root') ?? DEFAULT_ROOT;
  const verb = load(`cli/runt/${name}.js`) as unknown as Verb;
  return verb.main({ root, words, log });
}

function printVersion(): number {
  print(`runt version ${VERSION}\nspec: ${SPEC_VERSION}\n`);
  return 0;
}

function printHelp(): number {
  const verbs = [...VERBS].map(([name, help]) => `  ${name.padEnd(8)}${help}\n`).join('');
  print(
    `runt [flags] COMMAND [ARG...]\n\nAn OCI runtime.\n\nCommands:\n${verbs}\nFlags:\n${describeFlags(FLAGS)}`,
  );
  return 0;
}

/** A fault of the program itself shows where it is; anything else is a sentence for the user. */
function report(log: Log, error: unknown): void {
  log.error(error);
  if (isCortenError(error) || isSysError(error)) return;
  const { describeBug } = load('cli/trace.chunk.js') as { readonly describeBug: (error: unknown) => string };
  printError(describeBug(error));
}
