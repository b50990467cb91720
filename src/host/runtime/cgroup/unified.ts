import { attempt, isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openFile, readText, writeExisting, type Fd } from '../../kernel/files.ts';
import { named, runtimeError } from '../errors.ts';
import type { CgroupPlan, CgroupPlanV2 } from '../plan/cgroups.ts';
import type { Limit } from '../plan/limits.ts';
import { limitDevices } from './device-filter.ts';
import { makeCgroup, parentOf, type MadeCgroup } from './make.ts';
import { writeLimits } from './write-limits.ts';

/** The container's directory of cgroup v2, made before its init, which is born in it (CLONE_INTO_CGROUP). */
export interface UnifiedCgroup {
  readonly plan: CgroupPlanV2;
  readonly directory: Fd;
}

/** undefined where the plan has none. Tells of the directory as soon as it is made. */
export function createUnified(
  plans: readonly CgroupPlan[],
  made: (cgroup: MadeCgroup) => void,
): UnifiedCgroup | undefined {
  const plan = plans.find((one) => one.version === 2);
  if (plan === undefined) return undefined;
  const { directory } = plan;
  made(makeCgroup(directory, () => /^populated 1$/m.test(readText(`${directory}/cgroup.events`))));
  enableControllers(plan);
  return {
    plan,
    directory: named(`Open the cgroup ${directory}`, () => openFile(directory, O.PATH | O.DIRECTORY)),
  };
}

/** Sets the limits, of devices too; whoever is in it must not have begun the container's program. */
export function limitUnified({ plan, directory }: UnifiedCgroup): void {
  const { limits, devices } = plan;
  if (limits.length > 0) checkControllers(plan.directory, limits);
  writeLimits(plan.directory, limits);
  if (devices !== undefined) limitDevices(directory, devices);
}

/**
 * Every controller that the hierarchy has is to be there, as with the peers: statistics want them without any limit.
 * Usually an earlier container has had that done. What can't be is seen where a limit needs it.
 */
export function enableControllers({ mountPoint, directory, controllers }: Enabling): void {
  if (controllers.length === 0 || missing(parentOf(directory), controllers).length === 0) return;
  for (let at = mountPoint.length; at >= 0 && at < directory.length; at = directory.indexOf('/', at + 1)) {
    const ancestor = directory.slice(0, at);
    enable(ancestor, missing(ancestor, controllers));
  }
}

export type Enabling = Pick<CgroupPlanV2, 'mountPoint' | 'directory' | 'controllers'>;

function missing(directory: string, controllers: readonly string[]): readonly string[] {
  const enabled = readText(`${directory}/cgroup.subtree_control`).split(/\s/);
  return controllers.filter((name) => !enabled.includes(name));
}

/**
 * All at once, or where the kernel refuses one, each by itself. Not where processes are: the kernel would pass on those
 * controllers that count threads, and then there could be none but threads in what lies below (cgroups(7), "threaded").
 */
function enable(directory: string, controllers: readonly string[]): void {
  if (controllers.length === 0 || hasProcesses(directory)) return;
  const file = `${directory}/cgroup.subtree_control`;
  const isDone = tryWrite(file, controllers.map((name) => `+${name}`).join(' '));
  if (!isDone && controllers.length > 1) controllers.forEach((name) => tryWrite(file, `+${name}`));
}

/** The root of the hierarchy, which may have both, counts as without. */
function hasProcesses(directory: string): boolean {
  return (
    attempt('access', `${directory}/cgroup.type`, 0) === 0 && readText(`${directory}/cgroup.procs`) !== ''
  );
}

/** ENOENT: the parent lacks it. EBUSY: processes are in the directory itself. */
function tryWrite(file: string, text: string): boolean {
  try {
    writeExisting(file, text);
    return true;
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'EBUSY', 'EACCES', 'EPERM', 'EINVAL', 'EOPNOTSUPP', 'EROFS'))
      return false;
    throw error;
  }
}

/** Refuses a limit whose controller the directory did not get. */
export function checkControllers(directory: string, limits: readonly Limit[]): void {
  const given = readText(`${directory}/cgroup.controllers`).split(/\s/);
  for (const { file, field, orElse } of limits) {
    const controller = file.slice(0, file.indexOf('.'));
    if (controller === 'cgroup' || orElse === 'nothing' || given.includes(controller)) continue;
    const parent = parentOf(directory);
    const why = hasProcesses(parent) ? ', since it has processes of its own' : '';
    throw runtimeError(
      'RUNTIME_CGROUP_MISSING',
      `The field ${field} needs the cgroup v2 controller ${controller}, which ${parent} does not pass on${why}`,
    );
  }
}
