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
}

/** config-linux.md */
export interface Linux {
  readonly namespaces: readonly Namespace[];
  readonly devices: readonly Device[];
  readonly cgroupsPath?: string;
  readonly resources: Resources;
  readonly seccomp?: Seccomp;
  readonly rootfsPropagation?: Propagation;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

export type NamespaceType = 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'cgroup';
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
}

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
  readonly swappiness?: Integer;
  readonly disableOOMKiller?: boolean;
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
