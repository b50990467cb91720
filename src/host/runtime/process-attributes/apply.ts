import type { IoPriority, ProcessAttributes, Scheduler } from '../../../pure/spec/runtime.ts';
import { sys } from '../../kernel/call.ts';
import { named } from '../errors.ts';

const IOPRIO_WHO_PROCESS = 1;
const IOPRIO_CLASS_SHIFT = 13;
/** SCHED_ATTR_SIZE_VER0 */
const SCHED_ATTR_SIZE = 48;

/** Of this process, which still has its privileges. */
export function applyAttributes({ scheduler, ioPriority }: ProcessAttributes): void {
  if (scheduler !== undefined) named('Set process.scheduler', () => setScheduler(scheduler));
  if (ioPriority !== undefined) named('Set process.ioPriority', () => setIoPriority(ioPriority));
}

/** struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period. */
function setScheduler({ policy, flags, nice, priority, runtime, deadline, period }: Scheduler): void {
  const words = new Uint32Array([SCHED_ATTR_SIZE, policy, flags, 0, nice, priority]);
  const times = new BigUint64Array([runtime, deadline, period].map(BigInt));
  const attributes = new Uint8Array(SCHED_ATTR_SIZE);
  attributes.set(new Uint8Array(words.buffer));
  attributes.set(new Uint8Array(times.buffer), words.byteLength);
  sys('sched_setattr', 0, attributes, 0);
}

function setIoPriority(wanted: IoPriority): void {
  sys('ioprio_set', IOPRIO_WHO_PROCESS, 0, (wanted.class << IOPRIO_CLASS_SHIFT) | wanted.priority);
}

/** The CPUs that `exec`'s process may use: before it joins the container's cgroups, and after. */
export function applyAffinity(cpus: readonly number[] | undefined): void {
  if (cpus === undefined) return;
  const mask = new BigUint64Array(Math.floor(Math.max(...cpus) / 64) + 1);
  for (const cpu of cpus) {
    const word = Math.floor(cpu / 64);
    mask[word] = (mask[word] ?? 0n) | (1n << BigInt(cpu % 64));
  }
  named('Set process.execCPUAffinity', () => sys('sched_setaffinity', 0, mask.byteLength, mask));
}
