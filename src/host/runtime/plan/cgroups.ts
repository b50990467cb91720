import type { DeviceRule, Integer, Resources, Spec } from '../../../pure/spec/runtime.ts';
import type { Hierarchy } from '../cgroup/hierarchies.ts';
import { runtimeError } from '../errors.ts';
import { DEFAULT_DEVICE_RULES } from './default-devices.ts';

/** What a container's directory in one hierarchy is and gets. */
export interface CgroupPlan {
  readonly directory: string;
  /** Its name among the hierarchies: `cpu,cpuacct`. */
  readonly name: string;
  readonly controllers: readonly string[];
  readonly isCpuset: boolean;
  readonly limits: readonly Limit[];
}

export interface Limit {
  readonly file: string;
  readonly value: string;
  /** The field of config.json that asks for it. */
  readonly field: string;
}

/** config-linux.md#control-groups as writes into the files of cgroup v1. */
export function planCgroups(
  spec: Spec,
  id: string,
  hierarchies: readonly Hierarchy[],
): readonly CgroupPlan[] {
  const path = spec.linux.cgroupsPath ?? `/${id}`;
  const wanted = limitsByController(spec.linux.resources);
  for (const [controller, [first]] of wanted) {
    if (first !== undefined && !hierarchies.some(({ controllers }) => controllers.includes(controller))) {
      const text = `The field ${first.field} needs the cgroup v1 controller ${controller}, which is not mounted`;
      throw runtimeError('RUNTIME_CGROUP_MISSING', text);
    }
  }
  return hierarchies.map(({ mountPoint, controllers }) => ({
    directory: mountPoint + path,
    name: mountPoint.slice(mountPoint.lastIndexOf('/') + 1),
    controllers,
    isCpuset: controllers.includes('cpuset'),
    limits: controllers.flatMap((controller) => wanted.get(controller) ?? []),
  }));
}

/** The writes that a document's resources ask for, by controller. */
export function limitsByController(resources: Resources): ReadonlyMap<string, readonly Limit[]> {
  const { memory, cpu, pids } = resources;
  const at = 'linux.resources';
  return new Map([
    [
      'memory',
      [
        ...limit('memory.limit_in_bytes', memory.limit, `${at}.memory.limit`),
        ...limit('memory.soft_limit_in_bytes', memory.reservation, `${at}.memory.reservation`),
        ...limit('memory.memsw.limit_in_bytes', memory.swap, `${at}.memory.swap`),
        ...limit('memory.swappiness', memory.swappiness, `${at}.memory.swappiness`),
        ...limit(
          'memory.oom_control',
          memory.disableOOMKiller === true ? 1 : undefined,
          `${at}.memory.disableOOMKiller`,
        ),
      ],
    ],
    [
      'cpu',
      [
        ...limit('cpu.shares', nonZero(cpu.shares), `${at}.cpu.shares`),
        ...limit('cpu.cfs_period_us', nonZero(cpu.period), `${at}.cpu.period`),
        ...limit('cpu.cfs_quota_us', nonZero(cpu.quota), `${at}.cpu.quota`),
        ...limit('cpu.cfs_burst_us', cpu.burst, `${at}.cpu.burst`),
        ...limit('cpu.rt_period_us', nonZero(cpu.realtimePeriod), `${at}.cpu.realtimePeriod`),
        ...limit('cpu.rt_runtime_us', nonZero(cpu.realtimeRuntime), `${at}.cpu.realtimeRuntime`),
        ...limit('cpu.idle', cpu.idle, `${at}.cpu.idle`),
      ],
    ],
    [
      'cpuset',
      [
        ...limit('cpuset.cpus', cpu.cpus || undefined, `${at}.cpu.cpus`),
        ...limit('cpuset.mems', cpu.mems || undefined, `${at}.cpu.mems`),
      ],
    ],
    ['pids', limit('pids.max', pidsMax(pids.limit), `${at}.pids.limit`)],
    ['devices', deviceLimits(resources.devices, `${at}.devices`)],
  ]);
}

function limit(file: string, value: Integer | string | undefined, field: string): readonly Limit[] {
  return value === undefined ? [] : [{ file, value: String(value), field }];
}

/** Zero in these fields means "not set", as in the peers, whose documents are written with it. */
function nonZero(value: Integer | undefined): Integer | undefined {
  return value === undefined || Number(value) === 0 ? undefined : value;
}

function pidsMax(value: Integer | undefined): Integer | string | undefined {
  if (value === undefined || Number(value) === 0) return undefined;
  return value < 0 ? 'max' : value;
}

/**
 * Everything is denied first, then come the document's rules, then the devices that every container has. A first
 * rule that allows all lifts the denial.
 */
function deviceLimits(rules: readonly DeviceRule[], field: string): readonly Limit[] {
  const limits: Limit[] = [];
  if (!isForAll(rules[0])) limits.push({ file: 'devices.deny', value: 'a', field });
  for (const rule of [...rules, ...DEFAULT_DEVICE_RULES]) {
    const file = rule.allow ? 'devices.allow' : 'devices.deny';
    for (const value of ruleTexts(rule)) limits.push({ file, value, field });
  }
  const lastForAll = limits.findLastIndex(({ file, value }) => file === 'devices.allow' && value === 'a');
  return lastForAll < 0
    ? limits
    : [...limits.slice(lastForAll, lastForAll + 1), ...limits.slice(lastForAll + 1).filter(isDenial)];
}

/** After "allow everything" what allows single devices changes nothing. */
function isDenial({ file }: Limit): boolean {
  return file === 'devices.deny';
}

function isForAll(rule: DeviceRule | undefined): boolean {
  return rule?.type === 'a' && rule.access === 'rwm' && rule.major === undefined && rule.minor === undefined;
}

/** To the kernel `a` means everything, whatever follows it: a narrower rule for both kinds is two. */
function ruleTexts(rule: DeviceRule): readonly string[] {
  if (isForAll(rule)) return ['a'];
  const types = rule.type === 'a' ? ['b', 'c'] : [rule.type];
  return types.map((type) => `${type} ${rule.major ?? '*'}:${rule.minor ?? '*'} ${rule.access}`);
}
