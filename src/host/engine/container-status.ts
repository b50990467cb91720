import { isSysError } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import { readJournal, type Journal } from '../monitor/journal.ts';
import { isMonitored, type Places } from '../monitor/places.ts';

/**
 * `created`: on record, and not yet running, or left so by a command that was killed. `restarting`: it has ended, and
 * its monitor will start it again. `lost`: it was started, and its monitor is gone without having seen its end.
 */
export type ContainerState = 'created' | 'running' | 'restarting' | 'exited' | 'lost';

export interface ContainerStatus {
  readonly state: ContainerState;
  /** Whether a monitor, or a command that makes the container, holds it. */
  readonly isHeld: boolean;
  readonly journal: Journal;
}

/** The container's directory; undefined where there is none. */
export function openContainer({ directory }: Places): Fd | undefined {
  try {
    return openFile(directory, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The lock says what is, the journal what was: in this order, so that an end between the two is seen. */
export function statusOf(directory: number): ContainerStatus {
  const isHeld = isMonitored(directory);
  const journal = readJournal(directory);
  return { state: stateFrom(isHeld, journal), isHeld, journal };
}

function stateFrom(isHeld: boolean, { started, exited }: Journal): ContainerState {
  if (exited !== undefined) return exited.isRestarting === true && isHeld ? 'restarting' : 'exited';
  if (started === undefined) return 'created';
  return isHeld ? 'running' : 'lost';
}
