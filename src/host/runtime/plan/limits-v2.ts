import type { CpuResources, Integer, MemoryResources, Resources } from '../../../pure/spec/runtime.ts';
import { runtimeError } from '../errors.ts';
import { limit, nonZero, orMax, RESOURCES, type Limit } from './limits.ts';
import { rareLimitsV2 } from './rare-limits.ts';

/**
 * config-linux.md#control-groups as writes into the files of cgroup v2, translated as runc and crun do it. Throws
 * SPEC_FIELD_UNSUPPORTED for what v2 has no file for, SPEC_INVALID for limits that contradict each other.
 */
export function limitsV2(resources: Resources): readonly Limit[] {
  return [
    ...memoryLimits(resources.memory),
    ...cpuLimits(resources.cpu),
    ...limit('cpuset.cpus', resources.cpu.cpus || undefined, 'cpu.cpus'),
    ...limit('cpuset.mems', resources.cpu.mems || undefined, 'cpu.mems'),
    ...limit('pids.max', orMax(resources.pids.limit), 'pids.limit'),
    ...rareLimitsV2(resources),
    ...(resources.unified ?? []).flatMap(([file, content]) => limit(file, content, `unified.${file}`)),
  ];
}

export function refuseInV2(field: string): never {
  throw runtimeError(
    'SPEC_FIELD_UNSUPPORTED',
    `The field ${RESOURCES}.${field} asks for something that cgroup v2 does not have: leave it out`,
  );
}

function memoryLimits(memory: MemoryResources): readonly Limit[] {
  if (memory.swappiness !== undefined) refuseInV2('memory.swappiness');
  if (memory.disableOOMKiller === true) refuseInV2('memory.disableOOMKiller');
  const swap = swapMax(memory);
  const swapLimits = limit('memory.swap.max', swap, 'memory.swap');
  return [
    // A kernel without swap accounting swaps nothing or without limit, so these change nothing there.
    ...(swap === 'max' || swap === 0n
      ? swapLimits.map((one): Limit => ({ ...one, orElse: 'nothing' }))
      : swapLimits),
    ...limit('memory.max', orMax(memory.limit), 'memory.limit'),
    ...limit('memory.low', orMax(memory.reservation), 'memory.reservation'),
  ];
}

/** The document counts memory and swap together, as v1 did; v2 counts swap alone. */
function swapMax(memory: MemoryResources): bigint | 'max' | undefined {
  const most = nonZero(memory.limit);
  const both = nonZero(memory.swap);
  if (both === undefined) return most !== undefined && most < 0 ? 'max' : undefined;
  if (both < 0) return 'max';
  if (most === undefined || most < 0) {
    throw runtimeError(
      'SPEC_INVALID',
      `The field ${RESOURCES}.memory.swap counts memory and swap together: it needs memory.limit beside it`,
    );
  }
  if (BigInt(both) >= BigInt(most)) return BigInt(both) - BigInt(most);
  throw runtimeError(
    'SPEC_INVALID',
    `The field ${RESOURCES}.memory.swap counts memory and swap together: it must be at least memory.limit, ${most}`,
  );
}

function cpuLimits(cpu: CpuResources): readonly Limit[] {
  if (nonZero(cpu.realtimePeriod) !== undefined) refuseInV2('cpu.realtimePeriod');
  if (nonZero(cpu.realtimeRuntime) !== undefined) refuseInV2('cpu.realtimeRuntime');
  const isIdle = cpu.idle !== undefined && Number(cpu.idle) !== 0;
  const shares = nonZero(cpu.shares);
  return [
    ...limit('cpu.idle', cpu.idle, 'cpu.idle'),
    // Who runs on idle processors only has no weight, and the kernel refuses one.
    ...limit('cpu.weight', shares === undefined || isIdle ? undefined : toCpuWeight(shares), 'cpu.shares'),
    ...bandwidth(cpu),
    ...limit('cpu.max.burst', cpu.burst, 'cpu.burst'),
  ];
}

/** A quota alone leaves the period as it is, and a period alone the quota. */
function bandwidth(cpu: CpuResources): readonly Limit[] {
  const quota = orMax(cpu.quota);
  const period = nonZero(cpu.period);
  if (quota === undefined)
    return limit('cpu.max', period, 'cpu.period').map((one) => ({ ...one, keepsFirstWord: true }));
  return limit('cpu.max', period === undefined ? quota : `${quota} ${period}`, 'cpu.quota');
}

/**
 * Shares (2 to 262144, usually 1024) as a weight (1 to 10000, usually 100), so that the three usual values meet:
 * the curve of runc 1.3.2 and crun 1.23 (https://github.com/opencontainers/cgroups, ConvertCPUSharesToCgroupV2Value).
 */
export function toCpuWeight(shares: Integer): number {
  const number = Number(shares);
  if (number <= 2) return 1;
  if (number >= 262144) return 10000;
  const log = Math.log2(number);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}
