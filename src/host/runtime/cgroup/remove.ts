import { attempt, SysError } from '../../kernel/call.ts';
import { O, SIGNAL } from '../../kernel/constants.ts';
import { sleep } from '../../kernel/process.ts';
import { runtimeError } from '../errors.ts';
import { thawIfFrozen } from './freezer.ts';
import { childrenOf, processesIn } from './processes.ts';

const GONE: readonly number[] = [-2, -19];
const BUSY: readonly number[] = [-16, -39];
const ROUNDS_TO_WAIT = 1000;
/** From this round on a fork bomb is frozen before it is killed. */
const ROUNDS_BEFORE_FREEZE = 20;
const PAUSE_MS = 1;

/** What becomes of whoever is still in a cgroup: they are killed, given a moment to go, or left there. */
export type Occupants = 'kill' | 'wait' | 'leave';

/**
 * Removes the container's cgroup directories, with those made below. One that stays in use is left to whoever uses it,
 * unless they were to be killed: RUNTIME_CGROUP_BUSY.
 */
export function removeCgroups(directories: readonly string[], occupants: Occupants): void {
  let left = directories.filter((directory) => !isRemoved(directory));
  if (occupants === 'leave') return;
  for (let round = 0; left.length > 0; round++) {
    if (round === ROUNDS_TO_WAIT) return refuseBusy(left, occupants);
    if (occupants === 'kill') left.forEach((directory) => killAll(directory, round >= ROUNDS_BEFORE_FREEZE));
    sleep(PAUSE_MS);
    left = left.filter((directory) => !isRemoved(directory));
  }
}

function refuseBusy([first = '']: readonly string[], occupants: Occupants): void {
  if (occupants === 'kill')
    throw runtimeError(
      'RUNTIME_CGROUP_BUSY',
      `The cgroup ${first} still has processes that SIGKILL did not end`,
    );
}

function isRemoved(directory: string): boolean {
  const result = attempt('rmdir', directory);
  if (result === 0 || GONE.includes(result)) return true;
  if (!BUSY.includes(result)) throw new SysError('rmdir', -result, directory);
  // A damaged record may name any directory: what is no cgroup is left alone.
  if (attempt('access', `${directory}/cgroup.procs`, 0) !== 0) return true;
  const children = childrenOf(directory);
  if (children.length === 0 || !children.every(isRemoved)) return false;
  return attempt('rmdir', directory) === 0;
}

/** Sends a signal to everybody in a cgroup and below; how many there were. */
export function signalAll(directory: string, signal: number): number {
  const pids = processesIn(directory);
  for (const pid of pids) attempt('kill', pid, signal);
  return pids.length;
}

/** With v2 the kernel does it itself, since Linux 5.14, and nobody can fork away from it. */
function killAll(directory: string, isFrozenFirst: boolean): void {
  if (writeState(`${directory}/cgroup.kill`, '1')) return;
  const state = `${directory}/freezer.state`;
  const isFreezer = isFrozenFirst && attempt('access', state, 0) === 0;
  if (isFreezer) writeState(state, 'FROZEN');
  signalAll(directory, SIGNAL.KILL);
  if (isFreezer) {
    writeState(state, 'THAWED');
    thawIfFrozen([directory]);
  }
}

/** Whether it took is seen by who is left in the next round. */
function writeState(path: string, state: string): boolean {
  const file = attempt('open', path, O.WRONLY | O.CLOEXEC, 0);
  if (file < 0) return false;
  const written = attempt('write', file, state, state.length);
  attempt('close', file);
  return written > 0;
}
