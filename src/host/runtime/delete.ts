import { isCortenError } from '../../pure/base/errors.ts';
import { isSysError, sys } from '../kernel/call.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { awaitEnd, openProcess } from '../kernel/process.ts';
import { thawIfFrozen, thawPlaceOf } from './cgroup/freezer.ts';
import { runtimeError } from './errors.ts';
import { hooksModule } from './hooks/hooks.ts';
import { removeCgroups, type Occupants } from './cgroup/remove.ts';
import { removeFifo } from './state/fifos.ts';
import { lockStateFile, type StateFile } from './state/file.ts';
import { EXEC_FIFOS, REPORT_FIFOS } from './state/names.ts';
import type { OlderDirectory } from './state/older-directory.chunk.ts';
import type { InitRecord } from './state/records.ts';
import { isAlive, isWaiting } from './state/status.ts';

/** The process has ended by then, unless something holds it. */
const END_SOON_MS = 200;
const END_LIMIT_MS = 10_000;

export interface DeleteOptions {
  readonly force?: boolean;
  /** Gets what hooks fail with. */
  readonly warn?: (message: string) => void;
}

/**
 * Removes all that a container has: processes, cgroups and state. One that runs is refused
 * (RUNTIME_STILL_RUNNING) unless `force`; with `force` whatever a killed command left half made goes too.
 */
export function deleteContainer(root: string, id: string, options: DeleteOptions = {}): void {
  using state = options.force === true ? lockAny(root, id) : lockStateFile(root, id);
  deleteLocked(state, options);
}

/** What an older version made can be removed, if nothing else. */
function lockAny(root: string, id: string): StateFile | OlderDirectory {
  try {
    return lockStateFile(root, id);
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'RUNTIME_STATE_UNREADABLE') throw error;
    const older = load('runtime/state/older-directory.chunk.js') as Older;
    const directory = older.lockOlderDirectory(root, id);
    if (directory === undefined) throw error;
    return directory;
  }
}

type Older = typeof import('./state/older-directory.chunk.ts');

/** As deleteContainer() with the container's state, which is locked already. */
export function deleteLocked(
  state: StateFile | OlderDirectory,
  { force = false, warn = () => undefined }: DeleteOptions,
): void {
  const { init, record } = state.read();
  const isThere = init !== undefined && isAlive(init);
  if (isThere && !force && !isWaiting(state)) {
    const text = `The container ${state.id} is running: stop it first or use --force`;
    throw runtimeError('RUNTIME_STILL_RUNNING', text);
  }
  const cgroups = record?.cgroups ?? [];
  if (isThere) endInit(init, cgroups);
  removeCgroups(cgroups, occupantsOf(init));
  if (record?.hooks !== undefined) hooksModule().runPoststop(record.hooks, record, warn);
  // The record goes last: killed before, this can be done again.
  if (record === undefined || record.hooks !== undefined) removeFifo(state, REPORT_FIFOS);
  removeFifo(state, EXEC_FIFOS);
  state.remove();
}

/** Without init's record nobody was ever let into the cgroup: who is in it is somebody else's. */
function occupantsOf(init: InitRecord | undefined): Occupants {
  if (init === undefined) return 'wait';
  return init.sharesCgroup === true ? 'leave' : 'kill';
}

/**
 * As deleteContainer() for the caller of createContainer() whose container had not to be started and has ended:
 * nothing is looked up.
 */
export function deleteEnded(root: string, id: string, cgroups: readonly string[]): void {
  using file = lockStateFile(root, id);
  removeCgroups(cgroups, 'kill');
  file.remove();
}

function endInit(init: InitRecord, cgroups: readonly string[]): void {
  using process = openProcess(init.pid);
  if (process === undefined || !isAlive(init)) return;
  try {
    sys('pidfd_send_signal', process.number, SIGNAL.KILL, null, 0);
  } catch (error) {
    if (isSysError(error, 'ESRCH')) return;
    throw error;
  }
  // Who is frozen by cgroup v1 does not even die.
  thawIfFrozen(cgroups);
  if (hasEnded(process, END_SOON_MS)) return;
  thawPlaceOf(init.pid);
  if (!hasEnded(process, END_LIMIT_MS))
    throw runtimeError('RUNTIME_STILL_RUNNING', `The process ${init.pid} did not end within 10 s of SIGKILL`);
}

/** With it all of its pid namespace has ended. */
function hasEnded(process: Fd, milliseconds: number): boolean {
  const end = monotonicMs() + milliseconds;
  for (let left = milliseconds; left > 0; left = Math.ceil(end - monotonicMs())) {
    if (awaitEnd(process, left)[0]) return true;
  }
  return false;
}
