import { attempt, isSysError, sys } from '../kernel/call.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { SIGNAL } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { awaitEnd, openProcess } from '../kernel/process.ts';
import { thawIfFrozen, thawPlaceOf } from './cgroup/freezer.ts';
import { runtimeError } from './errors.ts';
import { hooksModule } from './hooks/hooks.ts';
import { removeCgroups, type Occupants } from './cgroup/remove.ts';
import { lockDirectory } from './state/directory.ts';
import { EXEC_FIFO, REPORT_FIFO, STATE_FILE } from './state/names.ts';
import { readStateFile, removeAt, type ContainerRecord, type InitRecord } from './state/record.ts';
import { isAlive, statusOf } from './state/status.ts';

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
  using directory = lockDirectory(root, id);
  deleteLocked(directory, `${root}/${id}`, options);
}

/** As deleteContainer() with the container's directory, which lies at `path`, locked already. */
export function deleteLocked(
  directory: Fd,
  path: string,
  { force = false, warn = () => undefined }: DeleteOptions,
): void {
  const { init, record } = readStateFile(directory);
  const status = statusOf(directory, init);
  if (status === 'running' && !force) {
    throw runtimeError(
      'RUNTIME_STILL_RUNNING',
      `The container ${path.slice(path.lastIndexOf('/') + 1)} is running: stop it first or use --force`,
    );
  }
  const cgroups = record?.cgroups ?? [];
  if (init !== undefined && status !== 'stopped') endInit(init, cgroups);
  erase(directory, { path, cgroups, occupants: occupantsOf(init), record, warn });
}

/** Without init's record nobody was ever let into the cgroup: who is in it is somebody else's. */
function occupantsOf(init: InitRecord | undefined): Occupants {
  if (init === undefined) return 'wait';
  return init.sharesCgroup === true ? 'leave' : 'kill';
}

/** As deleteContainer() for the caller of createContainer() who has waited for init: nothing is looked up. */
export function deleteEnded(root: string, id: string, cgroups: readonly string[]): void {
  using directory = lockDirectory(root, id);
  erase(directory, { path: `${root}/${id}`, cgroups, occupants: 'kill' });
}

interface Erasing {
  readonly path: string;
  readonly cgroups: readonly string[];
  readonly occupants: Occupants;
  /** Where it may have hooks. */
  readonly record?: ContainerRecord | undefined;
  readonly warn?: (message: string) => void;
}

function erase(directory: Fd, { path, cgroups, occupants, record, warn }: Erasing): void {
  removeCgroups(cgroups, occupants);
  if (record?.hooks !== undefined) {
    hooksModule().runPoststop(record.hooks, record, warn ?? (() => undefined));
    removeAt(directory, REPORT_FIFO);
  }
  // The record goes last: killed before, this can be done again.
  for (const name of [EXEC_FIFO, STATE_FILE]) removeAt(directory, name);
  const removed = attempt('rmdir', path);
  if (removed < 0 && removed !== -2) sys('rmdir', path);
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
