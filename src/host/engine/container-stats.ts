import { isCortenError } from '../../pure/base/errors.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { isSysError } from '../kernel/call.ts';
import { readText } from '../kernel/files.ts';
import { readJournal } from '../monitor/journal.ts';
import type { Places } from '../monitor/places.ts';
import { readStats } from '../runtime/events.ts';
import { openContainer } from './container-status.ts';

type Stats = ReturnType<typeof readStats>;

/** What a container uses at one moment. */
export interface ContainerStats {
  /** Milliseconds of a clock that only goes forward. */
  readonly time: number;
  /** Nanoseconds of processor time since it began. */
  readonly cpu: number;
  /** Bytes, without the file cache that the kernel may take back. */
  readonly memory: number;
  /** Bytes; what the machine has where there is no limit. */
  readonly memoryLimit: number;
  readonly pids: number;
  /** Bytes. */
  readonly blockRead: number;
  readonly blockWritten: number;
  readonly received: number;
  readonly sent: number;
}

/** undefined where the container doesn't run. */
export function containerStats(places: Places): ContainerStats | undefined {
  const stats = statsOf(places);
  if (stats === undefined) return undefined;
  const machine = totalMemory();
  const limit = Number(stats.memory.usage.limit);
  const raw = stats.memory.raw;
  const inactive = Number(raw['total_inactive_file'] ?? raw['inactive_file'] ?? 0n);
  const usage = Number(stats.memory.usage.usage);
  return {
    time: monotonicMs(),
    cpu: Number(stats.cpu.usage.total),
    memory: Math.max(0, usage - inactive),
    memoryLimit: limit > 0 && limit < machine ? limit : machine,
    pids: Number(stats.pids.current),
    blockRead: blockBytes(stats, 'Read'),
    blockWritten: blockBytes(stats, 'Write'),
    ...traffic(places),
  };
}

function statsOf({ runtimeRoot, id }: Places): Stats | undefined {
  try {
    return readStats(runtimeRoot, id);
  } catch (error) {
    const isGone = isCortenError(error) && ['RUNTIME_NOT_RUNNING', 'RUNTIME_NOT_FOUND'].includes(error.code);
    if (isGone || isSysError(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

function blockBytes({ blkio }: Stats, op: string): number {
  const entries = blkio['ioServiceBytesRecursive'] ?? [];
  return entries
    .filter((entry) => entry.op.toLowerCase() === op.toLowerCase())
    .reduce((sum, { value }) => sum + Number(value), 0);
}

function totalMemory(): number {
  const kilobytes = /^MemTotal:\s+(\d+) kB/m.exec(readText('/proc/meminfo'))?.[1] ?? '0';
  return Number(kilobytes) * 1024;
}

const NO_TRAFFIC = { received: 0, sent: 0 };

/** What went through the interfaces of its network namespace, loopback left out (proc_pid_net(5)). */
function traffic(places: Places): typeof NO_TRAFFIC {
  using directory = openContainer(places);
  const pid = directory === undefined ? undefined : readJournal(directory.number).started?.pid;
  const text = pid === undefined ? '' : textIfAlive(`/proc/${pid}/net/dev`);
  return text
    .split('\n')
    .map((line) => /^\s*([^:\s]+):\s*(.*)$/.exec(line))
    .filter((match) => match !== null && match[1] !== 'lo')
    .map((match) => (match?.[2] ?? '').split(/\s+/).map(Number))
    .reduce(
      (sum, columns) => ({ received: sum.received + (columns[0] ?? 0), sent: sum.sent + (columns[8] ?? 0) }),
      NO_TRAFFIC,
    );
}

function textIfAlive(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    if (isSysError(error, 'ENOENT', 'ESRCH', 'EINVAL')) return '';
    throw error;
  }
}
