import { CortenError } from '../../../pure/base/errors.ts';
import type { Process } from '../../../pure/spec/runtime.ts';
import { execProcess } from '../../runtime/exec.ts';
import { readProcess } from '../../runtime/process-document.ts';
import { processFrom } from '../exec-process.ts';
import { holdSignals, waitInForeground } from '../foreground.ts';
import { DEBUG_MOMENTS } from '../peer-words.ts';
import type { Options } from '../options.ts';
import { connectConsole, connectPidfdSocket, descriptorsToPreserve } from '../descriptors.ts';
import type { RuntContext } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'exec [flags] CONTAINER COMMAND [ARG...]',
  summary: 'Runs one more process in a container.',
  flags: {
    'console-socket': {
      kind: 'text',
      value: 'PATH',
      help: 'Unix socket that gets the master of the terminal',
    },
    cwd: { kind: 'text', value: 'DIR', help: 'working directory in the container' },
    env: { kind: 'list', short: 'e', value: 'NAME=VALUE', help: 'set a variable' },
    tty: { kind: 'switch', short: 't', help: 'with a terminal' },
    user: { kind: 'text', short: 'u', value: 'UID[:GID]', help: 'as this user' },
    'additional-gids': { kind: 'list', short: 'g', value: 'GID', help: 'with this group too' },
    process: {
      kind: 'text',
      short: 'p',
      value: 'FILE',
      help: 'what to run, as the field process of a config.json',
    },
    detach: { kind: 'switch', short: 'd', help: 'return as soon as the program runs' },
    'pid-file': { kind: 'text', value: 'FILE', help: 'file to write the pid to' },
    'no-new-privs': { kind: 'switch', help: 'without ever gaining privileges' },
    cap: { kind: 'list', short: 'c', value: 'CAP', help: 'with this capability too' },
    'preserve-fds': { kind: 'text', value: 'N', help: 'pass N descriptors on, from 3 on' },
    cgroup: { kind: 'list', value: '[CONTROLLER:]PATH', help: "in a cgroup below the container's own" },
    'ignore-paused': { kind: 'switch', help: 'even if the container is paused' },
    'pidfd-socket': {
      kind: 'text',
      value: 'PATH',
      help: 'Unix socket that gets a descriptor of the process',
    },
    apparmor: { kind: 'text', value: 'PROFILE', help: 'refused, unless empty' },
    'process-label': { kind: 'text', value: 'LABEL', help: 'refused, unless empty' },
    'no-subreaper': { kind: 'switch', help: 'accepted for compatibility: orphans are never adopted' },
  },
} as const;

/** What runc's exec exits with when it fails itself: other codes are the program's. */
const FAILURE = 255;

export function main(context: RuntContext): number {
  const options = parseVerb('runt', HELP, context.words);
  if (options === undefined) return 0;
  try {
    return execute(context, options);
  } catch (error) {
    context.log.error(error);
    return FAILURE;
  }
}

function execute({ root, log }: RuntContext, options: Options): number {
  const [id, ...command] = options.rest;
  if (id === undefined)
    throw new CortenError('invalid_argument', 'CLI_ARGUMENTS', 'The container id is missing');
  refuseLabels(options);
  const isDetached = options.isOn('detach');
  const socketPath = options.text('console-socket');
  const preserveFds = descriptorsToPreserve(options, log.warn);
  const process = wantedProcess(options, command, isDetached && socketPath === undefined);
  using socket = socketPath === undefined ? undefined : connectConsole(socketPath);
  using pidfdSocket = connectPidfdSocket(options);
  const pidFile = options.text('pid-file');
  if (!isDetached) holdSignals();
  if (log.debug !== undefined) Object.values(DEBUG_MOMENTS).forEach(log.debug);
  const executed = execProcess({
    root,
    id,
    process,
    preserveFds,
    warn: log.warn,
    cgroup: options.list('cgroup'),
    ignorePaused: options.isOn('ignore-paused'),
    ...(pidfdSocket === undefined ? {} : { pidfdSocket: pidfdSocket.number }),
    ...(socket === undefined ? {} : { consoleSocket: socket.number }),
    ...(pidFile === undefined ? {} : { pidFile }),
  });
  using console = executed.console;
  return isDetached ? 0 : waitInForeground(executed.pid, console);
}

/** Engines give them empty where the host has neither AppArmor nor SELinux. */
function refuseLabels(options: Options): void {
  for (const flag of ['apparmor', 'process-label']) {
    if ((options.text(flag) ?? '') === '') continue;
    const text = `The flag --${flag} is not supported by this version: leave it out`;
    throw new CortenError('unimplemented', 'CLI_FLAG_UNSUPPORTED', text);
  }
}

function wantedProcess(
  options: Options,
  command: readonly string[],
  lacksConsole: boolean,
): (base: Process) => Process {
  const document = options.text('process');
  if (document === undefined && command.length === 0) {
    throw new CortenError(
      'invalid_argument',
      'CLI_ARGUMENTS',
      'The command is missing: give it after the container id, or --process',
    );
  }
  const fixed = document === undefined ? undefined : readProcess(document);
  return (base) => {
    const process = fixed ?? processFrom(base, options, command);
    if (process.terminal && lacksConsole) {
      throw new CortenError(
        'invalid_argument',
        'RUNTIME_CONSOLE',
        'A terminal needs --console-socket when the command is detached',
      );
    }
    return process;
  };
}
