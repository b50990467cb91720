import { CortenError, isCortenError } from '../../pure/base/errors.ts';
import { attempt, isSysError } from '../kernel/call.ts';
import { F, O } from '../kernel/constants.ts';
import { isInitialUserNamespace } from '../kernel/user-namespace.ts';
import { OCI_VERSION } from '../runtime/oci-version.ts';
import { rootOfUser } from '../runtime/root-of-user.ts';
import { parseOptions, type FlagTable, type Options } from '../cli/options.ts';
import { Log, print, printError, type LogFormat, type RuntContext } from '../cli/runt-context.ts';

const VERSION = '0.1.0';
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
  ['pause', 'freeze the processes of a container'],
  ['resume', 'let a paused container go on'],
  ['update', "change a container's limits"],
  ['events', "print a container's statistics, and when it runs out of memory"],
  ['features', 'print what this version can do, as JSON'],
  ['spec', 'write a config.json to start from'],
]);

/** Verbs of the peers that are refused by name. */
const UNSUPPORTED_VERBS: readonly string[] = ['checkpoint', 'restore'];

const FLAGS: FlagTable = {
  root: { kind: 'text', value: 'DIR', help: `state of all containers, ${DEFAULT_ROOT} unless given` },
  log: { kind: 'text', value: 'FILE', help: 'also write warnings and errors to this file' },
  'log-format': { kind: 'text', value: 'FORMAT', help: 'text or json, text unless given' },
  debug: { kind: 'switch', help: 'log more' },
  'cgroup-manager': {
    kind: 'text',
    value: 'NAME',
    help: "cgroupfs; crun's systemd and disabled are refused",
  },
  'systemd-cgroup': { kind: 'switch', help: 'refused: cgroups are made through cgroupfs' },
  rootless: { kind: 'text', value: 'MODE', help: 'accepted for compatibility: auto, true or false' },
  criu: { kind: 'text', value: 'FILE', help: 'accepted for compatibility' },
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
  checkFlags(options);
  if (!checkVerb(name, words)) return 0;
  const root = options.text('root') ?? defaultRoot();
  const verb = load(`cli/runt/${name}.js`) as unknown as Verb;
  return verb.main({ root, words, log });
}

/** Whoever isn't root has a folder of their own (XDG Base Directory Specification). */
function defaultRoot(): string {
  const uid = attempt('geteuid');
  const own = variable('XDG_RUNTIME_DIR');
  if (uid === 0 && (own === '' || !isUserAsRoot())) return DEFAULT_ROOT;
  return own === '' ? rootOfUser(uid) : `${own}/runt`;
}

/** Root of a user namespace alone, as in `unshare -Ur` or `podman unshare`: the same user as before, as with runc. */
function isUserAsRoot(): boolean {
  return !isInitialUserNamespace() && variable('USER') !== 'root';
}

function variable(name: string): string {
  return (
    environ()
      .find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ''
  );
}

function checkFlags(options: Options): void {
  if (options.isOn('systemd-cgroup')) {
    const text = 'The flag --systemd-cgroup is not supported by this version: use the cgroupfs driver';
    throw new CortenError('unimplemented', 'CLI_FLAG_UNSUPPORTED', text);
  }
  const manager = options.text('cgroup-manager') ?? 'cgroupfs';
  if (['systemd', 'disabled'].includes(manager)) {
    const text = `The flag --cgroup-manager=${manager} is not supported by this version: use cgroupfs`;
    throw new CortenError('unimplemented', 'CLI_FLAG_UNSUPPORTED', text);
  }
  if (manager !== 'cgroupfs') {
    const text = `The flag --cgroup-manager takes cgroupfs, not "${manager}"`;
    throw new CortenError('invalid_argument', 'CLI_FLAG_INVALID', text);
  }
  const rootless = options.text('rootless') ?? 'auto';
  if (['auto', 'true', 'false'].includes(rootless)) return;
  const text = `The flag --rootless takes auto, true or false, not "${rootless}"`;
  throw new CortenError('invalid_argument', 'CLI_FLAG_INVALID', text);
}

/** Whether the verb is one to go on with; help for one that is refused is printed here. */
function checkVerb(name: string, words: readonly string[]): boolean {
  if (VERBS.has(name)) return true;
  if (UNSUPPORTED_VERBS.includes(name) && words.some((word) => word === '-h' || word === '--help')) {
    print(`NAME:\n   runt ${name} - refused, where runc ${name} would do it\n`);
    return false;
  }
  if (UNSUPPORTED_VERBS.includes(name)) {
    const text = `The command ${name} is not supported by this version: stop the container instead`;
    throw new CortenError('unimplemented', 'CLI_VERB_UNSUPPORTED', text);
  }
  const text = `Unknown command "${name}": --help lists the commands (No help topic for '${name}')`;
  throw new CortenError('invalid_argument', 'CLI_VERB_UNKNOWN', text);
}

/**
 * Three lines as runc's: containerd's go-runc takes no other number of them, dockerd reads the first two. Where it was
 * put in runc's place under that name, callers look for it.
 */
function printVersion(): number {
  const name = /(?:^|\/)runc$/.test(argv[0] ?? '') ? 'runc' : 'runt';
  print(`${name} version ${VERSION}\ncommit: ${BUILD_COMMIT}\nspec: ${OCI_VERSION.most}\n`);
  return 0;
}

function printHelp(): number {
  const verbs = [...VERBS].map(([name, help]) => `  ${name.padEnd(10)}${help}\n`).join('');
  const helpText = load('cli/help-text.chunk.js') as typeof import('../cli/help-text.chunk.ts');
  print(
    `NAME:\n   runt, a peer of runc - Open Container Initiative runtime\n\nUSAGE:\n   runt [flags] COMMAND [ARG...]\n\nCommands:\n${verbs}\nFlags:\n${helpText.describeFlags(FLAGS)}`,
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
