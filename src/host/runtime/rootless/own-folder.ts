import { attempt } from '../../kernel/call.ts';
import { AT } from '../../kernel/constants.ts';
import { isDirectory, statusAt } from '../../kernel/stat.ts';
import { runtimeError } from '../errors.ts';

const PRIVATE = 0o700;
const OTHERS = 0o077;

/**
 * A folder below /tmp for the state of a user's containers, who has no other place: made if it isn't there. Anybody
 * may have made it before, or put a link in its place. Throws RUNTIME_ROOT_FOREIGN.
 */
export function ownFolder(uid: number): string {
  const path = `/tmp/runt-${uid}`;
  attempt('mkdir', path, PRIVATE);
  const status = statusAt(AT.FDCWD, path);
  if (status !== undefined && isDirectory(status) && status.uid === uid && (status.mode & OTHERS) === 0)
    return path;
  throw runtimeError(
    'RUNTIME_ROOT_FOREIGN',
    `The folder ${path} is not of user ${uid} alone: name another by --root or XDG_RUNTIME_DIR`,
  );
}
