import { SysError, attemptAlone } from '../kernel/call.ts';
import { ERRNO } from '../kernel/errno.ts';
import { encode, Fd } from '../kernel/files.ts';
import { sendMessage } from '../kernel/sockets.ts';
import { named, runtimeError } from './errors.ts';

/** Gives a descriptor of a process to a connected Unix socket; `kind` is what runc sends with it. */
export function sendPidfd(socket: number, pid: number, kind: 'standard' | 'setns'): void {
  // Nothing else will do where the kernel has none: whoever gets it waits with it.
  const opened = attemptAlone('pidfd_open', pid, 0);
  if (opened === -ERRNO.ESRCH) throw runtimeError('RUNTIME_INIT_DIED', `The process ${pid} ended at once`);
  using process = new Fd(opened);
  named('Send the descriptor of the process to the pidfd socket', () => {
    if (opened < 0) throw new SysError('pidfd_open', ERRNO.ENOSYS, '');
    sendMessage(socket, encode(kind), process.number);
  });
}
