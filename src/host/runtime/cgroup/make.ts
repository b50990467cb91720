import { isSysError, sys } from '../../kernel/call.ts';
import { makeDirectories } from '../../kernel/files.ts';
import { runtimeError, stepError } from '../errors.ts';

/**
 * Makes a cgroup's directory. One that is there already may be taken over only while nobody is in it: delete kills
 * all who are. True if directories above it had to be made too.
 */
export function makeCgroup(directory: string, isInUse: () => boolean): boolean {
  try {
    sys('mkdir', directory, 0o755);
    return false;
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return makeWithParents(directory);
    if (!isSysError(error, 'EEXIST')) throw stepError(`Make the cgroup ${directory}`, error);
    if (!isInUse()) return false;
    throw runtimeError(
      'RUNTIME_CGROUP_IN_USE',
      `The cgroup ${directory} has processes of somebody else: choose another cgroupsPath`,
    );
  }
}

function makeWithParents(directory: string): true {
  try {
    makeDirectories(parentOf(directory));
    sys('mkdir', directory, 0o755);
    return true;
  } catch (error) {
    throw stepError(`Make the cgroup ${directory}`, error);
  }
}

export function parentOf(directory: string): string {
  return directory.slice(0, directory.lastIndexOf('/'));
}
