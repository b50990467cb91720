import { retry } from '../../kernel/call.ts';
import { LOCK, O } from '../../kernel/constants.ts';
import { makeDirectories, openFile, type Fd } from '../../kernel/files.ts';
import type { NetworkRoots } from '../types.ts';
import { lockFile } from './places.ts';

/**
 * Locks all networks below the roots until closed: whoever makes, joins, leaves or mends one. A change of the
 * kernel's network takes few milliseconds, and the kernel itself does one at a time.
 */
export function lockNetworks(roots: NetworkRoots): Fd {
  makeDirectories(roots.run, 0o700);
  const file = openFile(lockFile(roots), O.RDWR | O.CREAT | O.NOFOLLOW, 0o600);
  retry('flock', file.number, LOCK.EX);
  return file;
}
