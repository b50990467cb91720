import { encode, type Fd } from '../kernel/files.ts';
import { openProcess } from '../kernel/process.ts';
import { sendMessage } from '../kernel/sockets.ts';
import { named, runtimeError } from './errors.ts';

/** Gives a descriptor of a process to a connected Unix socket; `kind` is what runc sends with it. */
export function sendPidfd(socket: number, pid: number, kind: 'standard' | 'setns'): void {
  using process: Fd | undefined = openProcess(pid);
  if (process === undefined) throw runtimeError('RUNTIME_INIT_DIED', `The process ${pid} ended at once`);
  const { number } = process;
  named('Send the descriptor of the process to the pidfd socket', () =>
    sendMessage(socket, encode(kind), number),
  );
}
