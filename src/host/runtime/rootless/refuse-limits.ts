import type { Resources } from '../../../pure/spec/runtime.ts';
import type { Hierarchy } from '../cgroup/hierarchies.ts';
import { runtimeError } from '../errors.ts';
import { limitsV1 } from '../plan/limits-v1.ts';
import { limitsV2 } from '../plan/limits-v2.ts';
import type { Limit } from '../plan/limits.ts';

/**
 * Limits whose cgroups the caller may not make, as runc refuses them. Rules for devices aren't among them: whoever has
 * no power over cgroups can make no device either.
 */
export function refuseLimits(
  resources: Resources,
  mounted: readonly Hierarchy[],
  usable: readonly Hierarchy[],
): void {
  const limits = isUnified(mounted)
    ? usable.length > 0
      ? []
      : limitsV2(resources)
    : [...limitsV1(resources)].flatMap(([controller, of]) => (has(usable, controller) ? [] : of));
  const first = limits.find(isLimit);
  if (first === undefined) return;
  throw runtimeError(
    'RUNTIME_CGROUP_MISSING',
    `The field ${first.field} needs a cgroup, and the caller may make none: leave it out, have one delegated, or run as root`,
  );
}

function isUnified([first, second]: readonly Hierarchy[]): boolean {
  return second === undefined && first?.version === 2;
}

function has(hierarchies: readonly Hierarchy[], controller: string): boolean {
  return hierarchies.some(({ controllers }) => controllers.includes(controller));
}

/** Some engines write down that there is none. */
function isLimit({ value }: Limit): boolean {
  return value !== 'max' && value !== '-1';
}
