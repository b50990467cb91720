import type { MemoryResources, Resources } from '../../pure/spec/runtime.ts';
import { attempt, isSysError } from '../kernel/call.ts';
import { readTextIfThere, writeExisting } from '../kernel/files.ts';
import { findHierarchies } from './cgroup/hierarchies.ts';
import { checkControllers, enableControllers } from './cgroup/unified.ts';
import { titleOf, valueOf } from './cgroup/write-limits.ts';
import { named, runtimeError } from './errors.ts';
import { limitsV1 } from './plan/limits-v1.ts';
import { limitsV2 } from './plan/limits-v2.ts';
import { nonZero, type Limit } from './plan/limits.ts';

/**
 * Changes the limits of a live container, whose directories its record names; what is absent or zero stays as it is,
 * and rules for devices are never changed. Throws SPEC_INVALID, SPEC_FIELD_UNSUPPORTED, RUNTIME_CGROUP_MISSING, and
 * RUNTIME_STEP_FAILED for what the kernel refuses; limits before that one have been changed then.
 */
export function applyResources(cgroups: readonly string[], resources: Resources): void {
  const unified = unifiedAlone(cgroups);
  if (resources.memory.checkBeforeUpdate === true) checkUsage(cgroups, resources.memory);
  const limits =
    unified === undefined ? [...limitsV1(resources).values()].flat() : planUnified(unified, resources);
  const late = limits.filter((limit) => !apply(cgroups, limit, true));
  for (const limit of late) apply(cgroups, limit, false);
}

/** On a hybrid host that of version 2 stands after the others. */
function unifiedAlone([first]: readonly string[]): string | undefined {
  return first !== undefined && attempt('access', `${first}/cgroup.controllers`, 0) === 0 ? first : undefined;
}

function planUnified(directory: string, resources: Resources): readonly Limit[] {
  const limits = limitsV2({ ...resources, memory: withCurrent(directory, resources.memory) });
  if (limits.every(({ file }) => attempt('access', `${directory}/${file}`, 0) === 0)) return limits;
  const [hierarchy] = findHierarchies();
  if (hierarchy !== undefined) enableControllers({ ...hierarchy, directory });
  checkControllers(directory, limits);
  return limits;
}

/**
 * The document's limit on memory and swap together is two in v2: one that is given alone is about the other's
 * present value.
 */
function withCurrent(directory: string, memory: MemoryResources): MemoryResources {
  const [limit, swap] = [nonZero(memory.limit), nonZero(memory.swap)];
  if ((limit === undefined) === (swap === undefined)) return memory;
  const most = bytesIn(`${directory}/memory.max`);
  if (limit === undefined)
    return most === undefined || Number(swap) < 0 ? memory : { ...memory, limit: most };
  const swapped = bytesIn(`${directory}/memory.swap.max`);
  if (most === undefined || swapped === undefined || limit < 0) return memory;
  return { ...memory, swap: most + swapped };
}

/** undefined for `max`, and where there is no such file. */
function bytesIn(path: string): bigint | undefined {
  const text = readTextIfThere(path)?.trim() ?? '';
  return /^\d+$/.test(text) ? BigInt(text) : undefined;
}

function checkUsage(cgroups: readonly string[], { limit }: MemoryResources): void {
  const most = nonZero(limit);
  if (most === undefined || most < 0) return;
  for (const file of ['memory.current', 'memory.usage_in_bytes']) {
    const directory = directoryOf(cgroups, file);
    const used = directory === undefined ? undefined : bytesIn(`${directory}/${file}`);
    if (used === undefined || used <= most) continue;
    throw runtimeError(
      'RUNTIME_LIMIT_BELOW_USAGE',
      `The limit on memory of ${most} bytes is below the ${used} that are in use`,
    );
  }
}

/**
 * False where the kernel takes a value only after another one, as a limit above that of memory and swap or a quota
 * longer than its period: such a limit `mayWait`, and is tried again after the others.
 */
function apply(cgroups: readonly string[], limit: Limit, mayWait: boolean): boolean {
  const { file, field, orElse } = limit;
  const directory = directoryOf(cgroups, file);
  if (directory === undefined) {
    if (orElse !== undefined) return orElse === 'nothing' || apply(cgroups, orElse, mayWait);
    throw runtimeError(
      'RUNTIME_CGROUP_MISSING',
      `The field ${field} needs the cgroup file ${file}, which is not there`,
    );
  }
  const path = `${directory}/${file}`;
  try {
    writeExisting(path, valueOf(limit, path));
    return true;
  } catch (error) {
    if (mayWait && isSysError(error, 'EINVAL')) return false;
    return named(titleOf(limit, path), () => {
      throw error;
    });
  }
}

function directoryOf(cgroups: readonly string[], file: string): string | undefined {
  return cgroups.find((directory) => attempt('access', `${directory}/${file}`, 0) === 0);
}
