import { attempt } from '../../kernel/call.ts';
import { F } from '../../kernel/constants.ts';
import { cStrings } from '../../kernel/process.ts';
import { leaveCgroups } from '../../kernel/leave-cgroups.ts';
import {
  descriptorsOf,
  lastingDescriptors,
  PROGRAM,
  RESTART_PROGRAM,
  type LastingState,
  type MonitorState,
} from './state.ts';

/**
 * Exchanges this process's heap for that of the small program: children, pid and descriptors stay. Where the
 * kernel refuses, the first life goes on.
 */
export function becomeSecondLife(state: MonitorState): void {
  leaveCgroups();
  become(PROGRAM, state, descriptorsOf(state));
}

/** Becomes the program that can start containers, which then starts this one again. Returns where that is refused. */
export function becomeRestarting(state: LastingState): void {
  become(RESTART_PROGRAM, state, lastingDescriptors(state));
}

function become(program: string, state: LastingState, kept: readonly number[]): void {
  for (const fd of kept) attempt('fcntl', fd, F.SETFD, 0);
  const args = cStrings([program, JSON.stringify(state)]);
  attempt('execve', '/proc/self/exe', args.pointers, cStrings([]).pointers);
}
