import { monotonicMs } from '../kernel/clock.ts';
import { awaitEnd, openProcess } from '../kernel/process.ts';
import { openRunning } from './state/running.ts';
import { CgroupFiles } from './stats/files.ts';
import { watchOom } from './stats/oom.ts';
import type { Stats } from './stats/types.ts';
import { readStatsV1 } from './stats/v1.ts';
import { readStatsV2 } from './stats/v2.ts';

export type ContainerEvent =
  | { readonly type: 'stats'; readonly id: string; readonly data: Stats }
  | { readonly type: 'oom'; readonly id: string };

/** The statistics of a container now. Throws RUNTIME_NOT_FOUND, RUNTIME_NOT_RUNNING. */
export function readStats(root: string, id: string): Stats {
  using container = openRunning(root, id);
  return readFiles(new CgroupFiles(container.record.cgroups));
}

function readFiles(files: CgroupFiles): Stats {
  return files.isUnified ? readStatsV2(files) : readStatsV1(files);
}

export interface Watching {
  readonly root: string;
  readonly id: string;
  /** Milliseconds between two statistics. */
  readonly interval: number;
  readonly tell: (event: ContainerEvent) => void;
}

/** Tells statistics at each interval and when the container runs out of memory, until its init has ended. */
export function watchContainer({ root, id, interval, tell }: Watching): void {
  using container = openRunning(root, id);
  const { cgroups } = container.record;
  using init = openProcess(container.init.pid);
  if (init === undefined) return;
  using oom = watchOom(cgroups);
  const files = new CgroupFiles(cgroups);
  for (let next = monotonicMs() + interval; ;) {
    const [hasEnded, isOom] = awaitEnd(init, Math.max(0, Math.ceil(next - monotonicMs())), oom?.number);
    if (isOom && oom?.take() === true) tell({ type: 'oom', id });
    if (hasEnded) return;
    if (monotonicMs() < next) continue;
    tell({ type: 'stats', id, data: readFiles(files) });
    next += interval;
  }
}
