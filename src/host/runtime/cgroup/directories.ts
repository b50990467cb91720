import { isSysError, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, makeDirectories, openFile, readText, writeExisting } from '../../kernel/files.ts';
import { named, runtimeError, stepError } from '../errors.ts';
import type { CgroupPlan, Limit } from '../plan/cgroups.ts';

/** Makes the container's directories and sets their limits, before anybody is in them; tells each that is made. */
export function createCgroups(plans: readonly CgroupPlan[], made: (directory: string) => void): void {
  for (const plan of plans) {
    makeCgroup(plan);
    made(plan.directory);
    if (plan.isCpuset) inheritCpuset(plan.directory);
    writeLimits(plan.directory, plan.limits);
  }
}

/** A directory that is there already may be taken over only while nobody is in it: delete kills all who are. */
function makeCgroup({ directory, isCpuset }: CgroupPlan): void {
  try {
    sys('mkdir', directory, 0o755);
  } catch (error) {
    if (isSysError(error, 'ENOENT')) makeParents(directory, isCpuset);
    else if (!isSysError(error, 'EEXIST')) throw stepError(`Make the cgroup ${directory}`, error);
    else if (readText(`${directory}/cgroup.procs`) !== '') {
      throw runtimeError(
        'RUNTIME_CGROUP_IN_USE',
        `The cgroup ${directory} has processes of somebody else: choose another cgroupsPath`,
      );
    }
  }
}

function makeParents(directory: string, isCpuset: boolean): void {
  const parent = directory.slice(0, directory.lastIndexOf('/'));
  try {
    makeDirectories(parent);
    sys('mkdir', directory, 0o755);
  } catch (error) {
    throw stepError(`Make the cgroup ${directory}`, error);
  }
  if (isCpuset) inheritCpuset(parent);
}

/** A new cpuset is empty, and nobody can join it so: it takes what lies above it, at any depth. */
function inheritCpuset(directory: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) inheritFile(directory, file);
}

function inheritFile(directory: string, file: string): string {
  const own = readText(`${directory}/${file}`).trim();
  if (own !== '') return own;
  const value = inheritFile(directory.slice(0, directory.lastIndexOf('/')), file);
  writeExisting(`${directory}/${file}`, value);
  return value;
}

/** Limits that follow each other in one file, as the many rules for devices do, share its descriptor. */
function writeLimits(directory: string, limits: readonly Limit[]): void {
  for (let at = 0; at < limits.length;) {
    const file = limits[at]?.file;
    const next = limits.findIndex((limit, index) => index > at && limit.file !== file);
    const end = next < 0 ? limits.length : next;
    writeAlike(`${directory}/${file}`, limits.slice(at, end));
    at = end;
  }
}

function writeAlike(path: string, limits: readonly Limit[]): void {
  const [first] = limits;
  if (first === undefined) return;
  using file = named(titleOf(first, path), () => openFile(path, O.WRONLY));
  for (const limit of limits) {
    const { value } = limit;
    named(titleOf(limit, path), () => sys('write', file.number, value, encode(value).length));
  }
}

function titleOf({ field, value }: Limit, path: string): string {
  return `Set ${field} by writing ${value} to ${path}`;
}
