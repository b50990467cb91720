import { readDirectory } from '../../kernel/files.ts';
import { toNumber, type CgroupFiles } from './files.ts';
import type {
  BlockEntry,
  CpuSet,
  CpuUsage,
  HugePages,
  Memory,
  MemoryEntry,
  Stats,
  Throttling,
} from './types.ts';

/** cpuacct.stat counts in USER_HZ, which is 100 on every architecture that Linux's ABI has here. */
const NANOSECONDS_PER_TICK = 10_000_000n;

/** Statistics from the files of cgroup v1 (Documentation/admin-guide/cgroup-v1). */
export function readStatsV1(files: CgroupFiles): Stats {
  return {
    cpu: { usage: cpuUsage(files), throttling: throttling(files) },
    cpuset: cpuset(files),
    memory: memory(files),
    pids: { current: files.number('pids.current'), limit: files.number('pids.max') },
    blkio: blkio(files),
    hugetlb: hugetlb(files),
    intel_rdt: {},
    network_interfaces: null,
  };
}

function cpuUsage(files: CgroupFiles): CpuUsage {
  const ticks = files.pairs('cpuacct.stat');
  const ofTicks = (key: string): bigint => (ticks.get(key) ?? 0n) * NANOSECONDS_PER_TICK;
  const perCpu = files.lines('cpuacct.usage_percpu').flatMap((line) => line.trim().split(' ').map(toNumber));
  // A heading, then a line `cpu user system` for each.
  const [, ...all] = files.lines('cpuacct.usage_all').map((line) => line.split(' ').map(toNumber));
  return {
    total: files.number('cpuacct.usage'),
    percpu: perCpu,
    percpu_kernel: all.map(([, , system = 0n]) => system),
    percpu_user: all.map(([, user = 0n]) => user),
    kernel: ofTicks('system'),
    user: ofTicks('user'),
  };
}

function throttling(files: CgroupFiles): Throttling {
  const stat = files.pairs('cpu.stat');
  return {
    periods: stat.get('nr_periods') ?? 0n,
    throttledPeriods: stat.get('nr_throttled') ?? 0n,
    throttledTime: stat.get('throttled_time') ?? 0n,
  };
}

function cpuset(files: CgroupFiles): CpuSet {
  const number = (name: string): bigint => files.number(`cpuset.${name}`);
  return {
    cpus: toList(files.text('cpuset.cpus')),
    mems: toList(files.text('cpuset.mems')),
    cpu_exclusive: number('cpu_exclusive'),
    mem_hardwall: number('mem_hardwall'),
    mem_exclusive: number('mem_exclusive'),
    memory_migrate: number('memory_migrate'),
    memory_spread_page: number('memory_spread_page'),
    memory_spread_slab: number('memory_spread_slab'),
    memory_pressure: number('memory_pressure'),
    sched_load_balance: number('sched_load_balance'),
    // -1 is "the system's own", which runc's unsigned field can't say: it leaves 0.
    sched_relax_domain_level: max(number('sched_relax_domain_level'), 0n),
  };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** More than any machine that Linux is built for has of them (NR_CPUS, MAX_NUMNODES). */
const MOST_CPUS = 1 << 16;

/** `0-2,5` as the numbers that it names (cpuset(7), "List format"). */
function toList(text = ''): readonly number[] {
  return text
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      if (!(first >= 0 && last >= first && last < MOST_CPUS)) return [];
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

function memory(files: CgroupFiles): Memory {
  const entry = (prefix: string): MemoryEntry => ({
    limit: files.number(`${prefix}.limit_in_bytes`),
    usage: files.number(`${prefix}.usage_in_bytes`),
    max: files.number(`${prefix}.max_usage_in_bytes`),
    failcnt: files.number(`${prefix}.failcnt`),
  });
  const stat = files.pairs('memory.stat');
  return {
    cache: stat.get('cache') ?? 0n,
    usage: entry('memory'),
    swap: entry('memory.memsw'),
    kernel: entry('memory.kmem'),
    kernelTCP: entry('memory.kmem.tcp'),
    raw: Object.fromEntries(stat),
  };
}

/** The bfq scheduler's counts, where there are any, else those of the throttling layer below it. */
function blkio(files: CgroupFiles): Readonly<Record<string, readonly BlockEntry[]>> {
  const read = (name: string): readonly BlockEntry[] => {
    const scheduler = entriesOf(files, `blkio.bfq.${name}_recursive`);
    return scheduler.length > 0 ? scheduler : entriesOf(files, `blkio.throttle.${name}_recursive`);
  };
  return {
    ioServiceBytesRecursive: read('io_service_bytes'),
    ioServicedRecursive: read('io_serviced'),
    ioQueueRecursive: read('io_queued'),
    ioServiceTimeRecursive: read('io_service_time'),
    ioWaitTimeRecursive: read('io_wait_time'),
    ioMergedRecursive: read('io_merged'),
    ioTimeRecursive: read('time'),
    sectorsRecursive: read('sectors'),
  };
}

/** Lines `major:minor operation value`; the last, a total of all devices, has no device. */
function entriesOf(files: CgroupFiles, name: string): readonly BlockEntry[] {
  return files.lines(name).flatMap((line) => {
    const match = /^(\d+):(\d+) (?:(\w+) )?(\d+)$/.exec(line);
    if (match === null) return [];
    const [, major, minor, op = '', value] = match;
    return [{ major: Number(major), minor: Number(minor), op, value: toNumber(value) }];
  });
}

function hugetlb(files: CgroupFiles): Readonly<Record<string, HugePages>> {
  const directory =
    files.directoryOf('hugetlb.2MB.usage_in_bytes') ?? files.directoryOf('hugetlb.1GB.usage_in_bytes');
  if (directory === undefined) return {};
  const sizes = readDirectory(directory).flatMap(
    (name) => /^hugetlb\.(\w+)\.usage_in_bytes$/.exec(name)?.[1] ?? [],
  );
  return Object.fromEntries(
    sizes.map((size) => [
      size,
      {
        usage: files.number(`hugetlb.${size}.usage_in_bytes`),
        max: files.number(`hugetlb.${size}.max_usage_in_bytes`),
        failcnt: files.number(`hugetlb.${size}.failcnt`),
      },
    ]),
  );
}
