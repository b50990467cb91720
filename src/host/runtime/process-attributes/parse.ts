import type { Json, JsonObject } from '../../../pure/base/json.ts';
import type { CpuAffinity, IoPriority, ProcessAttributes, Scheduler } from '../../../pure/spec/runtime.ts';
import {
  isAbsent,
  present,
  refuse,
  toChoice,
  toFilledText,
  toList,
  toNumber,
  toRecord,
} from '../parse/fields.ts';
import {
  IO_CLASSES,
  POLICIES,
  SCHEDULER_FLAGS,
  type IoClass,
  type Policy,
  type SchedulerFlag,
} from './policies.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const HIGHEST_CPU = 8191;

/** config.md#linux-process: scheduler, ioPriority and execCPUAffinity. */
export function parseAttributes(record: JsonObject, at: string): ProcessAttributes {
  return present<Required<ProcessAttributes>>(record, at, {
    scheduler: parseScheduler,
    ioPriority: parseIoPriority,
    execCPUAffinity: parseAffinity,
  });
}

function parseScheduler(value: Json | undefined, at: string): Scheduler {
  const record = toRecord(value, at);
  const policy = toChoice(record['policy'], `${at}.policy`, Object.keys(POLICIES) as Policy[]);
  const number = (name: string, range: readonly [number, number]): number =>
    isAbsent(record[name]) ? 0 : toNumber(record[name], `${at}.${name}`, range);
  const flags = toList(record['flags'], `${at}.flags`, (flag, where) =>
    toChoice(flag, where, Object.keys(SCHEDULER_FLAGS) as SchedulerFlag[]),
  );
  const scheduler = {
    policy: POLICIES[policy],
    flags: flags.reduce((all, flag) => all | SCHEDULER_FLAGS[flag], 0),
    nice: number('nice', [-20, 19]),
    priority: number('priority', [0, 99]),
    runtime: number('runtime', [0, MOST]),
    deadline: number('deadline', [0, MOST]),
    period: number('period', [0, MOST]),
  };
  if (scheduler.priority !== 0 && policy !== 'SCHED_FIFO' && policy !== 'SCHED_RR') {
    refuse(`${at}.priority`, 'left out unless the policy is SCHED_FIFO or SCHED_RR');
  }
  const isTimed = scheduler.runtime + scheduler.deadline + scheduler.period > 0;
  if (isTimed && policy !== 'SCHED_DEADLINE') {
    refuse(at, 'without runtime, deadline and period unless the policy is SCHED_DEADLINE');
  }
  return scheduler;
}

function parseIoPriority(value: Json | undefined, at: string): IoPriority {
  const record = toRecord(value, at);
  const name = toChoice(record['class'], `${at}.class`, Object.keys(IO_CLASSES) as IoClass[]);
  const { priority } = record;
  return {
    class: IO_CLASSES[name],
    priority: isAbsent(priority) ? 0 : toNumber(priority, `${at}.priority`, [0, 7]),
  };
}

function parseAffinity(value: Json | undefined, at: string): CpuAffinity {
  return present<Required<CpuAffinity>>(toRecord(value, at), at, { initial: toCpus, final: toCpus });
}

/** `0-3,7` as numbers. */
function toCpus(value: Json | undefined, at: string): readonly number[] {
  return toFilledText(value, at)
    .split(',')
    .flatMap((part) => {
      const match = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part);
      const first = Number(match?.[1]);
      const last = Number(match?.[2] ?? match?.[1]);
      if (match === null || first > last || last > HIGHEST_CPU) refuse(at, 'a list of CPUs, as 0-3,7');
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
