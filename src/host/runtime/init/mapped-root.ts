import { attempt, sys } from '../../kernel/call.ts';
import { PR } from '../../kernel/constants.ts';
import type { Fd } from '../../kernel/files.ts';
import { named } from '../errors.ts';
import { awaitRelease } from './channel.ts';

/** Until the parent has written the mappings this process is nobody in its own user namespace; then it is root. */
export function becomeMappedRoot(socket: Fd): void {
  awaitRelease(socket);
  sys('prctl', PR.SET_DUMPABLE, 0, 0, 0, 0);
  // Refused where the namespace may not change groups: nothing is lost, they stay the caller's.
  attempt('setgroups', 0, new Uint32Array(1));
  const hint = (): string => 'the mappings must have the id 0 of the container';
  named('Become root of the user namespace', () => sys('setresgid', 0, 0, 0), hint);
  named('Become root of the user namespace', () => sys('setresuid', 0, 0, 0), hint);
}
