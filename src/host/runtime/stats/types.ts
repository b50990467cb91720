// The statistics as runc's `events` prints them (types/events.go), field by field: containerd's go-runc decodes them.

export interface Stats {
  readonly cpu: { readonly usage: CpuUsage; readonly throttling: Throttling };
  readonly cpuset: CpuSet;
  readonly memory: Memory;
  readonly pids: { readonly current: bigint; readonly limit: bigint };
  readonly blkio: Readonly<Record<string, readonly BlockEntry[]>>;
  readonly hugetlb: Readonly<Record<string, HugePages>>;
  readonly intel_rdt: object;
  readonly network_interfaces: null;
}

/** Nanoseconds. */
export interface CpuUsage {
  readonly total: bigint;
  readonly percpu?: readonly bigint[];
  readonly percpu_kernel?: readonly bigint[];
  readonly percpu_user?: readonly bigint[];
  readonly kernel: bigint;
  readonly user: bigint;
}

export interface Throttling {
  readonly periods: bigint;
  readonly throttledPeriods: bigint;
  /** Nanoseconds. */
  readonly throttledTime: bigint;
}

export interface CpuSet {
  readonly cpus: readonly number[];
  readonly mems: readonly number[];
  readonly cpu_exclusive: bigint;
  readonly mem_hardwall: bigint;
  readonly mem_exclusive: bigint;
  readonly memory_migrate: bigint;
  readonly memory_spread_page: bigint;
  readonly memory_spread_slab: bigint;
  readonly memory_pressure: bigint;
  readonly sched_load_balance: bigint;
  readonly sched_relax_domain_level: bigint;
}

/** Bytes. */
export interface MemoryEntry {
  readonly limit: bigint;
  readonly usage: bigint;
  readonly max: bigint;
  readonly failcnt: bigint;
}

export interface Memory {
  readonly cache: bigint;
  readonly usage: MemoryEntry;
  readonly swap: MemoryEntry;
  readonly kernel: MemoryEntry;
  readonly kernelTCP: MemoryEntry;
  /** The file memory.stat. */
  readonly raw: Readonly<Record<string, bigint>>;
}

export interface BlockEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: bigint;
}

export interface HugePages {
  readonly usage: bigint;
  readonly max: bigint;
  readonly failcnt: bigint;
}
