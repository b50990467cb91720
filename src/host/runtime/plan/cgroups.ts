import type { DeviceRule, Spec } from '../../../pure/spec/runtime.ts';
import { nameOf, type Hierarchy } from '../cgroup/hierarchies.ts';
import { runtimeError } from '../errors.ts';
import { DEFAULT_DEVICE_RULES } from './default-devices.ts';
import { allowsAll } from './device-limits.ts';
import { allLimitsV1, limitsV1 } from './limits-v1.ts';
import { limitsV2 } from './limits-v2.ts';
import type { Limit } from './limits.ts';

/** What a container's directory in one hierarchy is and gets. */
export type CgroupPlan = CgroupPlanV1 | CgroupPlanV2;

/** What of a hierarchy of v1 a container sees. */
export interface CgroupView {
  readonly directory: string;
  /** Its name among the hierarchies: `cpu,cpuacct`. */
  readonly name: string;
  readonly controllers: readonly string[];
}

export interface CgroupPlanV1 extends CgroupView {
  readonly version: 1;
  readonly isCpuset: boolean;
  readonly limits: readonly Limit[];
}

export interface CgroupPlanV2 {
  readonly version: 2;
  readonly directory: string;
  readonly mountPoint: string;
  /** Those of the hierarchy. */
  readonly controllers: readonly string[];
  readonly limits: readonly Limit[];
  /** Which devices may be opened and made, each rule over those before it; undefined if all. */
  readonly devices: readonly DeviceRule[] | undefined;
}

export interface CgroupFacts {
  readonly hierarchies: readonly Hierarchy[];
  /** Where the cgroups are not the caller's, who then asks for no limit on others: what is shown if there is none. */
  readonly foreign?: readonly CgroupView[];
}

/** config-linux.md#control-groups as writes into the files of the cgroups that there are. */
export function planCgroups(
  spec: Spec,
  id: string,
  { hierarchies, foreign }: CgroupFacts,
): readonly CgroupPlan[] {
  const path = spec.linux.cgroupsPath ?? `/${id}`;
  const areOwned = foreign === undefined;
  const unified = hierarchies.find(({ version }) => version === 2);
  if (unified !== undefined && hierarchies.length === 1) {
    const plan = planUnified(spec, path, unified);
    // A filter of devices needs power on the host.
    return [areOwned ? plan : { ...plan, devices: undefined }];
  }
  const wanted = (areOwned ? allLimitsV1 : limitsV1)(spec.linux.resources);
  for (const [controller, [first]] of wanted) {
    if (
      areOwned &&
      first !== undefined &&
      !hierarchies.some(({ controllers }) => controllers.includes(controller))
    ) {
      const text = `The field ${first.field} needs the cgroup v1 controller ${controller}, which is not mounted`;
      throw runtimeError('RUNTIME_CGROUP_MISSING', text);
    }
  }
  return hierarchies.map((hierarchy) =>
    hierarchy.version === 2 ? planBeside(path, hierarchy) : planV1(path, hierarchy, wanted),
  );
}

function planV1(
  path: string,
  { mountPoint, controllers }: Hierarchy,
  wanted: ReadonlyMap<string, readonly Limit[]>,
): CgroupPlanV1 {
  return {
    version: 1,
    directory: mountPoint + path,
    name: nameOf(mountPoint),
    controllers,
    isCpuset: controllers.includes('cpuset'),
    limits: controllers.flatMap((controller) => wanted.get(controller) ?? []),
  };
}

/** A hybrid host's version 2: no limits, but whoever looks there finds the container's processes together. */
function planBeside(path: string, { mountPoint, controllers }: Hierarchy): CgroupPlanV2 {
  const directory = mountPoint + path;
  return { version: 2, directory, mountPoint, controllers, limits: [], devices: undefined };
}

function planUnified(
  { linux: { resources } }: Spec,
  path: string,
  { mountPoint, controllers }: Hierarchy,
): CgroupPlanV2 {
  return {
    version: 2,
    directory: mountPoint + path,
    mountPoint,
    controllers,
    limits: limitsV2(resources),
    devices: allowsAll(resources.devices) ? undefined : [...resources.devices, ...DEFAULT_DEVICE_RULES],
  };
}
