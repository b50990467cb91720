import { CortenError } from '../../pure/base/errors.ts';
import { attempt } from '../kernel/call.ts';
import { F } from '../kernel/constants.ts';
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

/** Checked before anything else is opened: a number that is free now would come to be one of ours. */
export function descriptorsToPreserve(options: Options): number {
  const count = numberOf(options, 'preserve-fds') ?? 0;
  for (let fd = 3; fd < 3 + count; fd++) {
    if (attempt('fcntl', fd, F.GETFD, 0) >= 0) continue;
    const text = `The flag --preserve-fds ${count} wants descriptor ${fd}, which is not open`;
    throw new CortenError('invalid_argument', 'RUNTIME_DESCRIPTOR_MISSING', text);
  }
  return count;
}
