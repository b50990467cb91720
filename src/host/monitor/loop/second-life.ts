import { attempt } from '../../kernel/call.ts';
import { F } from '../../kernel/constants.ts';
import { cStrings } from '../../kernel/process.ts';
import { leaveCgroups } from '../../kernel/leave-cgroups.ts';
import { descriptorsOf, PROGRAM, type MonitorState } from './state.ts';

/**
 * Exchanges this process's heap for that of the small program: children, pid and descriptors stay. Where the
 * kernel refuses, the first life goes on.
 */
export function becomeSecondLife(state: MonitorState): void {
  leaveCgroups();
  for (const fd of descriptorsOf(state)) attempt('fcntl', fd, F.SETFD, 0);
  const args = cStrings([PROGRAM, JSON.stringify(state)]);
  attempt('execve', '/proc/self/exe', args.pointers, cStrings([]).pointers);
}
