import { isSysError, sys } from '../../kernel/call.ts';
import { makeDirectories, readTextIfThere } from '../../kernel/files.ts';
import { runtimeError, stepError } from '../errors.ts';

export interface MadeCgroup {
  readonly directory: string;
  /** Whether somebody else's processes are in it, whom nobody may kill with the container. */
  readonly isShared: boolean;
}

export interface NewCgroup extends MadeCgroup {
  /** Whether directories above it had to be made too. */
  readonly hasMadeParents: boolean;
}

/** Makes a cgroup's directory or takes one that is there. Throws RUNTIME_CGROUP_FROZEN: init would never begin in it. */
export function makeCgroup(directory: string, isInUse: () => boolean): NewCgroup {
  try {
    sys('mkdir', directory, 0o755);
    return { directory, isShared: false, hasMadeParents: false };
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return makeWithParents(directory);
    if (!isSysError(error, 'EEXIST')) throw stepError(`Make the cgroup ${directory}`, error);
    if (isFrozenBefore(directory)) {
      throw runtimeError(
        'RUNTIME_CGROUP_FROZEN',
        `The cgroup ${directory} is there already and frozen: thaw it or choose another cgroupsPath`,
      );
    }
    return { directory, isShared: isInUse(), hasMadeParents: false };
  }
}

function makeWithParents(directory: string): NewCgroup {
  try {
    makeDirectories(parentOf(directory));
    sys('mkdir', directory, 0o755);
    return { directory, isShared: false, hasMadeParents: true };
  } catch (error) {
    throw stepError(`Make the cgroup ${directory}`, error);
  }
}

function isFrozenBefore(directory: string): boolean {
  const state =
    readTextIfThere(`${directory}/freezer.state`) ?? readTextIfThere(`${directory}/cgroup.freeze`);
  return state !== undefined && state !== 'THAWED\n' && state !== '0\n';
}

export function parentOf(directory: string): string {
  return directory.slice(0, directory.lastIndexOf('/'));
}
