import type { ContainerStats } from '../engine/container-stats.ts';
import type { Places } from '../monitor/places.ts';
import { binarySizeText, sizeText } from '../../pure/base/size-text.ts';

const SHORT_ID = 12;
const NANO_PER_MS = 1e6;
/** As docker shows a container that doesn't run. */
const NOTHING = '--';

/** With the names that docker's JSON has. */
export interface StatsRow {
  readonly BlockIO: string;
  readonly CPUPerc: string;
  readonly Container: string;
  readonly ID: string;
  readonly MemPerc: string;
  readonly MemUsage: string;
  readonly Name: string;
  readonly NetIO: string;
  readonly PIDs: string;
}

export interface StatsOf {
  readonly places: Places;
  readonly isWhole: boolean;
  readonly before: ContainerStats | undefined;
  readonly now: ContainerStats | undefined;
}

/** What a container uses, of one processor as the whole: two busy ones are 200 %. */
export function statsRow({ places, isWhole, before, now }: StatsOf): StatsRow {
  const id = isWhole ? places.id : places.id.slice(0, SHORT_ID);
  const pair = `${NOTHING} / ${NOTHING}`;
  return {
    BlockIO: now === undefined ? pair : `${sizeText(now.blockRead)} / ${sizeText(now.blockWritten)}`,
    CPUPerc: now === undefined ? NOTHING : percent(cpuShare(before, now)),
    Container: id,
    ID: id,
    MemPerc: now === undefined ? NOTHING : percent(now.memory / now.memoryLimit),
    MemUsage: now === undefined ? pair : `${binarySizeText(now.memory)} / ${binarySizeText(now.memoryLimit)}`,
    Name: places.name,
    NetIO: now === undefined ? pair : `${sizeText(now.received)} / ${sizeText(now.sent)}`,
    PIDs: now === undefined ? NOTHING : String(now.pids),
  };
}

function cpuShare(before: ContainerStats | undefined, now: ContainerStats): number {
  if (before === undefined || now.time <= before.time) return 0;
  return Math.max(0, now.cpu - before.cpu) / ((now.time - before.time) * NANO_PER_MS);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
