import { attempt } from '../../kernel/call.ts';
import { SIGNAL } from '../../kernel/constants.ts';

/** Ends children of ours: until they are waited for, their pids are nobody else's. */
export function endHelpers(pids: readonly number[]): void {
  for (const pid of pids) attempt('kill', pid, SIGNAL.KILL);
  for (const pid of pids) attempt('wait4', pid, null, 0, null);
}
