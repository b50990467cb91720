import { CortenError } from '../../pure/base/errors.ts';
import type { Spec } from '../../pure/spec/runtime.ts';
import { sys } from '../kernel/call.ts';
import { windowSize } from '../kernel/terminal.ts';
import { createContainer, type CreatedContainer } from '../runtime/create.ts';
import { readSpec } from '../runtime/spec.ts';
import { DEBUG_MOMENTS } from './peer-words.ts';
import { connectConsole, connectPidfdSocket, descriptorsToPreserve, activation } from './descriptors.ts';
import type { FlagTable, Options } from './options.ts';
import type { RuntContext } from './runt-context.ts';

/** The flags that `create` and `run` share. */
export const CREATE_FLAGS: FlagTable = {
  bundle: { kind: 'text', short: 'b', value: 'DIR', help: 'the bundle, the current directory unless given' },
  config: { kind: 'text', short: 'f', value: 'FILE', help: "instead of the bundle's config.json" },
  'console-socket': { kind: 'text', value: 'PATH', help: 'Unix socket that gets the master of the terminal' },
  'pidfd-socket': {
    kind: 'text',
    value: 'PATH',
    help: 'Unix socket that gets a descriptor of init',
  },
  'pid-file': { kind: 'text', value: 'FILE', help: 'file to write the pid of init to' },
  'preserve-fds': { kind: 'text', value: 'N', help: 'pass N descriptors on, from 3 on' },
  'no-pivot': { kind: 'switch', help: 'do not use pivot_root: for a host whose root is a ramdisk' },
  'no-new-keyring': { kind: 'switch', help: "keep the caller's session keyring" },
};

export interface Creating {
  readonly context: RuntContext;
  readonly options: Options;
  readonly id: string;
  readonly start: 'wait' | 'now';
  /** Whether the terminal's master may come to the caller. */
  readonly isForeground: boolean;
}

export function createFromBundle({ context, options, id, start, isForeground }: Creating): CreatedContainer {
  const bundle = absolute(options.text('bundle') ?? '.');
  const spec = withConsoleSize(readSpec(bundle, options.text('config')));
  const socketPath = options.text('console-socket');
  checkTerminal(spec, socketPath !== undefined, isForeground);
  const preserved = descriptorsToPreserve(options, context.log.warn);
  const activated = activation(preserved);
  using socket = socketPath === undefined ? undefined : connectConsole(socketPath);
  using pidfdSocket = connectPidfdSocket(options);
  const pidFile = options.text('pid-file');
  const { debug } = context.log;
  debug?.(DEBUG_MOMENTS.fork);
  debug?.(DEBUG_MOMENTS.begin);
  const created = createContainer({
    root: context.root,
    id,
    bundle,
    spec: activated.count === 0 ? spec : withVariables(spec, activated.env),
    start,
    preserveFds: preserved + activated.count,
    noPivot: options.isOn('no-pivot'),
    noNewKeyring: options.isOn('no-new-keyring'),
    warn: context.log.warn,
    ...(debug === undefined ? {} : { debug }),
    ...(pidFile === undefined ? {} : { pidFile }),
    ...(socket === undefined ? {} : { consoleSocket: socket.number }),
    ...(pidfdSocket === undefined ? {} : { pidfdSocket: pidfdSocket.number }),
  });
  debug?.(DEBUG_MOMENTS.end);
  return created;
}

function checkTerminal(spec: Spec, hasSocket: boolean, isForeground: boolean): void {
  if (!spec.process.terminal || hasSocket || isForeground) return;
  const text =
    'The field process.terminal is true, so the terminal needs --console-socket when the command does not stay';
  throw new CortenError('invalid_argument', 'RUNTIME_CONSOLE', text);
}

/** The caller's terminal gives the size, from the program's first moment on. */
function withConsoleSize(spec: Spec): Spec {
  const { process } = spec;
  const consoleSize = process.terminal ? (process.consoleSize ?? windowSize(0)) : undefined;
  return consoleSize === undefined ? spec : { ...spec, process: { ...process, consoleSize } };
}

function withVariables(spec: Spec, env: readonly string[]): Spec {
  return { ...spec, process: { ...spec.process, env: [...spec.process.env, ...env] } };
}

function absolute(path: string): string {
  if (path.startsWith('/')) return path;
  const buffer = new Uint8Array(4096);
  const length = sys('getcwd', buffer, buffer.length);
  const directory = utf8(buffer, 0, length - 1);
  return path === '.' ? directory : `${directory}/${path}`;
}
