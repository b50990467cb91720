import { readText, writeExisting } from '../../kernel/files.ts';
import type { CgroupPlan, CgroupPlanV1 } from '../plan/cgroups.ts';
import { makeCgroup, parentOf, type MadeCgroup } from './make.ts';
import { writeLimits } from './write-limits.ts';

/** Makes the directories of version 1 and sets their limits, before anybody is in them; tells each that is made. */
export function createCgroups(plans: readonly CgroupPlan[], made: (cgroup: MadeCgroup) => void): void {
  for (const plan of plans) {
    if (plan.version !== 1) continue;
    const { directory, isCpuset, limits } = plan;
    made(make(plan));
    if (isCpuset) inheritCpuset(directory);
    writeLimits(directory, limits);
  }
}

function make({ directory, isCpuset }: CgroupPlanV1): MadeCgroup {
  const made = makeCgroup(directory, () => readText(`${directory}/cgroup.procs`) !== '');
  if (made.hasMadeParents && isCpuset) inheritCpuset(parentOf(directory));
  return made;
}

/** A new cpuset is empty, and nobody can join it so: it takes what lies above it, at any depth. */
export function inheritCpuset(directory: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) inheritFile(directory, file);
}

function inheritFile(directory: string, file: string): string {
  const own = readText(`${directory}/${file}`).trim();
  if (own !== '') return own;
  const value = inheritFile(parentOf(directory), file);
  writeExisting(`${directory}/${file}`, value);
  return value;
}
