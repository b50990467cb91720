import { attempt, isSysError, sys, SysError } from '../../kernel/call.ts';
import { S } from '../../kernel/constants.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { fifoPath, type ContainerName, type FifoFolder } from './names.ts';

/** Each lost try is another command that removed the folder in between, for want of FIFOs in it. */
const MOST_TRIES = 100;

/** Only whoever has locked the container's file of state may: what has the name already is of a container that was lost. */
export function makeFifo(name: ContainerName, folder: FifoFolder): void {
  const directory = `${name.root}/${folder}`;
  const path = `${directory}/${name.id}`;
  for (let tries = 1; ; tries++) {
    const made = attempt('mkdir', directory, 0o700);
    if (made < 0 && made !== -ERRNO.EEXIST) throw new SysError('mkdir', -made, directory);
    try {
      sys('mknod', path, S.IFIFO | 0o600, 0);
      return;
    } catch (error) {
      if (tries === MOST_TRIES || !isSysError(error, 'ENOENT', 'EEXIST')) throw error;
      if (isSysError(error, 'EEXIST')) sys('unlink', path);
    }
  }
}

/** One that may be gone already. Its folder goes with the last of them. */
export function removeFifo(name: ContainerName, folder: FifoFolder): void {
  // Mostly there are none of any container, and this one call is all.
  if (removeFolder(name, folder)) return;
  const path = fifoPath(name, folder);
  const removed = attempt('unlink', path);
  if (removed === 0) removeFolder(name, folder);
  else if (removed !== -ERRNO.ENOENT) throw new SysError('unlink', -removed, path);
}

/** False where it isn't empty. */
function removeFolder({ root }: ContainerName, folder: FifoFolder): boolean {
  const path = `${root}/${folder}`;
  const removed = attempt('rmdir', path);
  if (removed === -ERRNO.ENOTEMPTY) return false;
  if (removed === 0 || removed === -ERRNO.ENOENT || removed === -ERRNO.ENOTDIR) return true;
  throw new SysError('rmdir', -removed, path);
}
