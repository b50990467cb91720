// The OCI runtime specification's documents, version 1.2, as far as Corten acts on them.

import type { Seccomp } from './seccomp.ts';

/** config.md */
export interface Spec {
  readonly ociVersion: string;
  readonly root: Root;
  readonly process: Process;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly mounts: readonly Mount[];
  readonly annotations: Annotations;
  readonly linux: Linux;
  readonly hooks?: Hooks;
}

/** config.md#posix-platform-hooks, in the order of a container's life. */
export type HookKind =
  | 'prestart'
  | 'createRuntime'
  | 'createContainer'
  | 'startContainer'
  | 'poststart'
  | 'poststop';
export type Hooks = Readonly<Record<HookKind, readonly Hook[]>>;

export interface Hook {
  /** Absolute. */
  readonly path: string;
  /** With the program's own name first. */
  readonly args: readonly string[];
  /** undefined where the document doesn't say: a hook of the host has the runtime's then, one of the container none. */
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

/** Keys come from strangers: an object without prototype. */
export type Annotations = Readonly<Record<string, string>>;

export interface Root {
  readonly path: string;
  readonly readonly: boolean;
}

/** config.md#process */
export interface Process {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: User;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Capabilities;
  readonly rlimits: readonly Rlimit[];
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj?: number;
  readonly attributes?: ProcessAttributes;
}

/** How a process is scheduled: what few documents say. */
export interface ProcessAttributes {
  readonly scheduler?: Scheduler;
  readonly ioPriority?: IoPriority;
  readonly execCPUAffinity?: CpuAffinity;
}

/** The kernel's numbers; times in nanoseconds. */
export interface Scheduler {
  readonly policy: number;
  readonly flags: number;
  readonly nice: number;
  readonly priority: number;
  readonly runtime: number;
  readonly deadline: number;
  readonly period: number;
}

export interface IoPriority {
  /** The kernel's number. */
  readonly class: number;
  readonly priority: number;
}

/** CPUs of a process of `exec`, before and after it is in the container's cgroups. */
export interface CpuAffinity {
  readonly initial?: readonly number[];
  readonly final?: readonly number[];
}

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly umask?: number;
  readonly additionalGids: readonly number[];
}

export type CapabilitySet = 'bounding' | 'effective' | 'inheritable' | 'permitted' | 'ambient';
export type Capabilities = Readonly<Record<CapabilitySet, readonly string[]>>;

export interface Rlimit {
  readonly type: string;
  /** Up to 2^64-1, which is "unlimited". */
  readonly soft: bigint;
  readonly hard: bigint;
}

/** config.md#mounts */
export interface Mount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options: readonly string[];
  /** How ids of the source are shown: `containerID` is the source's, `hostID` what is seen. */
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
}

/** config-linux.md#user-namespace-mappings */
export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** config-linux.md */
export interface Linux {
  readonly namespaces: readonly Namespace[];
  /** Empty without a new user namespace. */
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
  readonly devices: readonly Device[];
  readonly cgroupsPath?: string;
  readonly resources: Resources;
  readonly seccomp?: Seccomp;
  readonly rootfsPropagation?: Propagation;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly sysctls?: readonly Sysctl[];
  readonly timeOffsets?: readonly TimeOffset[];
  /** The kernel's number of linux.personality.domain. */
  readonly personality?: number;
}

/** config-linux.md#offset-for-time-namespace */
export interface TimeOffset {
  readonly clock: 'monotonic' | 'boottime';
  readonly secs: number;
  readonly nanosecs: number;
}

/** config-linux.md#sysctl */
export interface Sysctl {
  /** As the document writes it. */
  readonly name: string;
  /** Below /proc/sys. */
  readonly path: string;
  readonly value: string;
}

export type NamespaceType = 'user' | 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'cgroup' | 'time';
export type Propagation = 'shared' | 'slave' | 'private' | 'unbindable';

export interface Namespace {
  readonly type: NamespaceType;
  readonly path?: string;
}

/** config-linux.md#devices; `p` is a FIFO, `u` is `c`. */
export interface Device {
  readonly type: 'c' | 'b' | 'u' | 'p';
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** An integer, a bigint beyond 2^53. */
export type Integer = number | bigint;

/** config-linux.md#control-groups */
export interface Resources {
  readonly devices: readonly DeviceRule[];
  readonly memory: MemoryResources;
  readonly cpu: CpuResources;
  readonly pids: { readonly limit?: Integer };
  readonly blockIO?: BlockIo;
  readonly hugepageLimits?: readonly HugepageLimit[];
  readonly network?: NetworkResources;
  readonly rdma?: readonly RdmaLimit[];
  /** File of cgroup v2, what is written to it. */
  readonly unified?: readonly (readonly [file: string, content: string])[];
}

/** Those that few documents have. */
export type RareResources = Pick<Resources, 'blockIO' | 'hugepageLimits' | 'network' | 'rdma' | 'unified'>;

export interface DeviceRule {
  readonly allow: boolean;
  readonly type: 'a' | 'b' | 'c';
  /** undefined is any. */
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

export interface MemoryResources {
  readonly limit?: Integer;
  readonly reservation?: Integer;
  readonly swap?: Integer;
  /** Ignored: Linux has had no such limits since 5.16. */
  readonly kernel?: Integer;
  readonly kernelTCP?: Integer;
  readonly swappiness?: Integer;
  readonly disableOOMKiller?: boolean;
  /** Whether a limit below what is in use is refused. */
  readonly checkBeforeUpdate?: boolean;
}

/** config-linux.md#block-io */
export interface BlockIo {
  /** 10 to 1000. */
  readonly weight?: number;
  readonly leafWeight?: number;
  readonly weightDevice: readonly BlockWeight[];
  readonly throttleReadBpsDevice: readonly BlockThrottle[];
  readonly throttleWriteBpsDevice: readonly BlockThrottle[];
  readonly throttleReadIOPSDevice: readonly BlockThrottle[];
  readonly throttleWriteIOPSDevice: readonly BlockThrottle[];
}

export interface BlockWeight {
  readonly major: number;
  readonly minor: number;
  readonly weight?: number;
  readonly leafWeight?: number;
}

export interface BlockThrottle {
  readonly major: number;
  readonly minor: number;
  /** Bytes or operations in a second; 0 for no limit. */
  readonly rate: Integer;
}

/** config-linux.md#huge-page-limits */
export interface HugepageLimit {
  /** `2MB`, as in the names of the files. */
  readonly pageSize: string;
  /** Bytes. */
  readonly limit: Integer;
}

/** config-linux.md#network */
export interface NetworkResources {
  readonly classID?: number;
  readonly priorities: readonly { readonly name: string; readonly priority: number }[];
}

/** config-linux.md#rdma */
export interface RdmaLimit {
  readonly device: string;
  readonly hcaHandles?: number;
  readonly hcaObjects?: number;
}

export interface CpuResources {
  readonly shares?: Integer;
  readonly quota?: Integer;
  readonly burst?: Integer;
  readonly period?: Integer;
  readonly realtimeRuntime?: Integer;
  readonly realtimePeriod?: Integer;
  readonly idle?: Integer;
  readonly cpus?: string;
  readonly mems?: string;
}
