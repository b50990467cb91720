import { isSysError, sys } from '../kernel/call.ts';
import { openProcess } from '../kernel/process.ts';
import { runtimeError } from './errors.ts';
import { signalAll } from './cgroup/remove.ts';
import { lockDirectory, requireRecord } from './state/directory.ts';
import { readStateFile, type InitRecord } from './state/record.ts';
import { isAlive } from './state/status.ts';

/**
 * Sends a signal to the container's init, or with `all` to everybody in its cgroup. Throws RUNTIME_NOT_FOUND and,
 * without `all`, RUNTIME_NOT_RUNNING.
 */
export function killContainer(
  root: string,
  id: string,
  options: { readonly signal: number; readonly all?: boolean },
): void {
  using directory = lockDirectory(root, id);
  const state = readStateFile(directory);
  if (options.all === true) {
    const { cgroups } = requireRecord(state, id);
    const [first] = cgroups;
    if (first !== undefined) return void signalAll(first, options.signal);
  }
  const { init } = state;
  if (init !== undefined && signalInit(init, options.signal)) return;
  throw runtimeError('RUNTIME_NOT_RUNNING', `The container ${id} is not running`);
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
