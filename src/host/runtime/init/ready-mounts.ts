import type { Fd } from '../../kernel/files.ts';
import type { ContainerPlan } from '../plan/container.ts';
import type { BindStep } from '../plan/step.ts';

/** What init only has to attach: mounts that the caller brings, by their destinations, and copies that were made. */
export function readyMounts(
  plan: ContainerPlan,
  mounts: ReadonlyMap<string, Fd> | undefined,
  mapped: ReadonlyMap<BindStep, Fd> | undefined,
): ReadonlyMap<BindStep, Fd> | undefined {
  if (mounts === undefined) return mapped;
  const ready = new Map(mapped);
  for (const step of plan.steps) {
    const mount = step.kind === 'bind' ? mounts.get(step.destination) : undefined;
    if (step.kind === 'bind' && mount !== undefined) ready.set(step, mount);
  }
  return ready;
}
