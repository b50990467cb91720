import type { Resources } from '../../../pure/spec/runtime.ts';
import { runtimeError } from '../errors.ts';
import { deviceLimits } from './device-limits.ts';
import { limit, nonZero, orMax, RESOURCES, type Limit } from './limits.ts';
import { rareLimitsV1 } from './rare-limits.ts';

/** config-linux.md#control-groups as writes into the files of cgroup v1, by controller, but for the devices. */
export function limitsV1(resources: Resources): ReadonlyMap<string, readonly Limit[]> {
  if (resources.unified !== undefined) {
    throw runtimeError(
      'RUNTIME_CGROUP_MISSING',
      `The field ${RESOURCES}.unified needs cgroup v2, and this machine has its controllers in cgroup v1`,
    );
  }
  return new Map([
    ['memory', memoryLimits(resources)],
    ['cpu', cpuLimits(resources)],
    [
      'cpuset',
      [
        ...limit('cpuset.cpus', resources.cpu.cpus || undefined, 'cpu.cpus'),
        ...limit('cpuset.mems', resources.cpu.mems || undefined, 'cpu.mems'),
      ],
    ],
    ['pids', limit('pids.max', orMax(resources.pids.limit), 'pids.limit')],
    ...rareLimitsV1(resources),
  ]);
}

/** The same with the devices, as a new container gets them. */
export function allLimitsV1(resources: Resources): ReadonlyMap<string, readonly Limit[]> {
  return new Map([
    ...limitsV1(resources),
    ['devices', deviceLimits(resources.devices, `${RESOURCES}.devices`)],
  ]);
}

function memoryLimits({ memory }: Resources): readonly Limit[] {
  const most = nonZero(memory.limit);
  // Without a limit on memory there can be none on memory and swap together.
  const isFree = most !== undefined && most < 0 && nonZero(memory.swap) === undefined;
  const swap = limit('memory.memsw.limit_in_bytes', isFree ? -1 : nonZero(memory.swap), 'memory.swap');
  return [
    ...limit('memory.limit_in_bytes', most, 'memory.limit'),
    ...limit('memory.soft_limit_in_bytes', nonZero(memory.reservation), 'memory.reservation'),
    ...(isFree ? swap.map((one): Limit => ({ ...one, orElse: 'nothing' })) : swap),
    ...limit('memory.swappiness', memory.swappiness, 'memory.swappiness'),
    ...limit(
      'memory.oom_control',
      memory.disableOOMKiller === true ? 1 : undefined,
      'memory.disableOOMKiller',
    ),
  ];
}

function cpuLimits({ cpu }: Resources): readonly Limit[] {
  return [
    ...limit('cpu.shares', nonZero(cpu.shares), 'cpu.shares'),
    ...limit('cpu.cfs_period_us', nonZero(cpu.period), 'cpu.period'),
    ...limit('cpu.cfs_quota_us', nonZero(cpu.quota), 'cpu.quota'),
    ...limit('cpu.cfs_burst_us', cpu.burst, 'cpu.burst'),
    ...limit('cpu.rt_period_us', nonZero(cpu.realtimePeriod), 'cpu.realtimePeriod'),
    ...limit('cpu.rt_runtime_us', nonZero(cpu.realtimeRuntime), 'cpu.realtimeRuntime'),
    ...limit('cpu.idle', cpu.idle, 'cpu.idle'),
  ];
}
