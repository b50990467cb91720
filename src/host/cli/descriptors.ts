import { CortenError } from '../../pure/base/errors.ts';
import { attempt } from '../kernel/call.ts';
import { F, O } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { connectUnix } from '../kernel/sockets.ts';
import type { Options } from './options.ts';
import { numberOf } from './verb.ts';

export function connectConsole(path: string): Fd {
  try {
    return connectUnix(path);
  } catch (error) {
    const text = `Connect to the console socket ${path}: ${(error as Error).message}`;
    throw new CortenError('invalid_argument', 'RUNTIME_CONSOLE', text, { cause: error });
  }
}

/** The socket of --pidfd-socket; undefined where the flag isn't given. */
export function connectPidfdSocket(options: Options): Fd | undefined {
  const path = options.text('pidfd-socket');
  if (path === undefined) return undefined;
  try {
    return connectUnix(path);
  } catch (error) {
    const text = `Connect to the pidfd socket ${path}: ${(error as Error).message}`;
    throw new CortenError('invalid_argument', 'CLI_SOCKET_UNREACHABLE', text, { cause: error });
  }
}

/** How many descriptors from 3 on the flag passes on; called before anything else is opened. */
export function descriptorsToPreserve(options: Options, warn: (message: string) => void): number {
  const count = numberOf(options, 'preserve-fds') ?? 0;
  if (count > LARGEST_COUNT) {
    const text = `The flag --preserve-fds takes a number up to ${LARGEST_COUNT}, not ${count}`;
    throw new CortenError('invalid_argument', 'CLI_FLAG_INVALID', text);
  }
  const closed = holdClosed(count);
  if (closed > 0)
    warn(`The flag --preserve-fds ${count} counts descriptors that are not open: ${closed} are left out`);
  return count;
}

/** fs.nr_open's default is this, and no process here has nearly as many. */
const LARGEST_COUNT = 1_048_576;

/**
 * A number that is free would come to be one of ours, and so the container's: each gets a file that ends with our
 * program. How many there were; all above the highest that can be opened count as such.
 */
function holdClosed(count: number): number {
  let closed = 0;
  for (let fd = 3; fd < 3 + count; fd++) {
    if (attempt('fcntl', fd, F.GETFD, 0) >= 0) continue;
    closed++;
    // The lowest free number is given out, which is this one.
    if (attempt('open', '/dev/null', O.RDWR | O.CLOEXEC, 0) !== fd) return 3 + count - fd + closed - 1;
  }
  return closed;
}

/** What sd_listen_fds(3) of the container's first process wants, if the caller was started so itself. */
export interface Activation {
  readonly count: number;
  readonly env: readonly string[];
}

/** The sockets of systemd's socket activation follow those of --preserve-fds, as with the peers. */
export function activation(preserved: number): Activation {
  const environment = environ();
  const valueOf = (name: string): string | undefined =>
    environment.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  const text = valueOf('LISTEN_FDS');
  if (text === undefined || !/^[1-9]\d{0,4}$/.test(text)) return { count: 0, env: [] };
  const pid = valueOf('LISTEN_PID');
  if (pid !== undefined && pid !== String(attempt('getpid'))) return { count: 0, env: [] };
  const count = Number(text);
  holdClosed(preserved + count);
  const names = valueOf('LISTEN_FDNAMES');
  const own = names === undefined ? [] : [`LISTEN_FDNAMES=${names}`];
  return { count, env: [`LISTEN_FDS=${text}`, 'LISTEN_PID=1', ...own] };
}
