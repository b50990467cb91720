import { readDirectory } from '../../kernel/files.ts';
import { toNumber, type CgroupFiles } from './files.ts';
import type { BlockEntry, CpuSet, HugePages, Memory, MemoryEntry, Stats } from './types.ts';

/** What runc says for "no limit". */
const UNLIMITED = 2n ** 64n - 1n;
const NANOSECONDS = 1000n;

/** Statistics from the files of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst), as runc fills the same fields. */
export function readStatsV2(files: CgroupFiles): Stats {
  const cpu = files.pairs('cpu.stat');
  const nanoseconds = (key: string): bigint => (cpu.get(key) ?? 0n) * NANOSECONDS;
  return {
    cpu: {
      usage: {
        total: nanoseconds('usage_usec'),
        kernel: nanoseconds('system_usec'),
        user: nanoseconds('user_usec'),
      },
      throttling: {
        periods: cpu.get('nr_periods') ?? 0n,
        throttledPeriods: cpu.get('nr_throttled') ?? 0n,
        throttledTime: nanoseconds('throttled_usec'),
      },
    },
    cpuset: NO_CPUSET,
    memory: memory(files),
    pids: { current: files.number('pids.current'), limit: files.number('pids.max') },
    blkio: blkio(files),
    hugetlb: hugetlb(files),
    intel_rdt: {},
    network_interfaces: null,
  };
}

/** runc reads none of it on v2. */
const NO_CPUSET: CpuSet = {
  cpus: [],
  mems: [],
  cpu_exclusive: 0n,
  mem_hardwall: 0n,
  mem_exclusive: 0n,
  memory_migrate: 0n,
  memory_spread_page: 0n,
  memory_spread_slab: 0n,
  memory_pressure: 0n,
  sched_load_balance: 0n,
  sched_relax_domain_level: 0n,
};

const NOTHING: MemoryEntry = { limit: 0n, usage: 0n, max: 0n, failcnt: 0n };

function memory(files: CgroupFiles): Memory {
  const stat = files.pairs('memory.stat');
  const usage = entry(files, 'memory');
  const swap = entry(files, 'memory.swap');
  return {
    cache: stat.get('file') ?? 0n,
    usage: { ...usage, failcnt: files.pairs('memory.events').get('max') ?? 0n },
    // As v1 counts it: memory and swap together.
    swap: {
      ...swap,
      usage: swap.usage + usage.usage,
      limit: swap.limit === UNLIMITED ? UNLIMITED : bounded(swap.limit + usage.limit),
    },
    kernel: NOTHING,
    kernelTCP: NOTHING,
    raw: Object.fromEntries(stat),
  };
}

function entry(files: CgroupFiles, prefix: string): MemoryEntry {
  const most = files.text(`${prefix}.max`);
  return {
    limit: most === 'max' ? UNLIMITED : toNumber(most),
    usage: files.number(`${prefix}.current`),
    max: files.number(`${prefix}.peak`),
    failcnt: 0n,
  };
}

function bounded(value: bigint): bigint {
  return value > UNLIMITED ? UNLIMITED : value;
}

const COUNTERS: ReadonlyMap<string, readonly [list: string, op: string]> = new Map([
  ['rbytes', ['ioServiceBytesRecursive', 'Read']],
  ['wbytes', ['ioServiceBytesRecursive', 'Write']],
  ['rios', ['ioServicedRecursive', 'Read']],
  ['wios', ['ioServicedRecursive', 'Write']],
]);

/** Lines `major:minor rbytes=N wbytes=N …` */
function blkio(files: CgroupFiles): Readonly<Record<string, readonly BlockEntry[]>> {
  const lists: Record<string, BlockEntry[]> = { ioServiceBytesRecursive: [], ioServicedRecursive: [] };
  for (const line of files.lines('io.stat')) {
    const [device = '', ...counts] = line.split(' ');
    const numbers = /^(\d+):(\d+)$/.exec(device);
    if (numbers === null) continue;
    const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
    for (const count of counts) {
      const [key = '', value] = count.split('=');
      const [list, op] = COUNTERS.get(key) ?? [];
      if (list !== undefined && op !== undefined)
        lists[list]?.push({ major, minor, op, value: toNumber(value) });
    }
  }
  return lists;
}

function hugetlb(files: CgroupFiles): Readonly<Record<string, HugePages>> {
  const directory = files.directoryOf('hugetlb.2MB.current') ?? files.directoryOf('hugetlb.1GB.current');
  if (directory === undefined) return {};
  const sizes = readDirectory(directory).flatMap((name) => /^hugetlb\.(\w+)\.current$/.exec(name)?.[1] ?? []);
  return Object.fromEntries(
    sizes.map((size) => [
      size,
      {
        usage: files.number(`hugetlb.${size}.current`),
        max: 0n,
        failcnt: files.pairs(`hugetlb.${size}.events`).get('max') ?? 0n,
      },
    ]),
  );
}
