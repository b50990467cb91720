import { isSysError, sys } from '../kernel/call.ts';
import { SIGNAL } from '../kernel/constants.ts';
import { openProcess } from '../kernel/process.ts';
import { thawIfFrozen, whileFrozen } from './cgroup/freezer.ts';
import { signalAll } from './cgroup/remove.ts';
import { runtimeError } from './errors.ts';
import { lockStateFile, requireRecord } from './state/file.ts';
import type { InitRecord } from './state/records.ts';
import { isAlive } from './state/status.ts';

/**
 * Sends a signal to the container's init, or with `all` to everybody in its cgroup, nobody forking meanwhile. A
 * paused container gets it when it is resumed; SIGKILL resumes it. Throws RUNTIME_NOT_FOUND and, without `all`,
 * RUNTIME_NOT_RUNNING.
 */
export function killContainer(
  root: string,
  id: string,
  options: { readonly signal: number; readonly all?: boolean },
): void {
  using file = lockStateFile(root, id);
  const state = file.read();
  const isDeadly = options.signal === SIGNAL.KILL;
  const cgroups = isDeadly || options.all === true ? requireRecord(state, id).cgroups : [];
  const [first] = cgroups;
  if (options.all === true && first !== undefined) {
    whileFrozen(cgroups, () => signalAll(first, options.signal));
  } else if (state.init === undefined || !signalInit(state.init, options.signal)) {
    throw runtimeError('RUNTIME_NOT_RUNNING', `The container ${id} is not running`);
  }
  if (isDeadly) thawIfFrozen(cgroups);
}

/** False if that very process is gone. The descriptor is opened first: what it names can't become another. */
function signalInit(init: InitRecord, signal: number): boolean {
  using process = openProcess(init.pid);
  if (process === undefined || !isAlive(init)) return false;
  try {
    sys('pidfd_send_signal', process.number, signal, null, 0);
    return true;
  } catch (error) {
    if (isSysError(error, 'ESRCH')) return false;
    throw error;
  }
}
