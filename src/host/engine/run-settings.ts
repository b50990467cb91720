import type { IdMapping } from '../../pure/spec/runtime.ts';
import type { LogOptions } from '../monitor/supervision.ts';

/** Which users and groups of the host those of a container are. */
export type IdsWish =
  | { readonly kind: 'host' }
  /** A range that no other container has, of so many ids. */
  | { readonly kind: 'auto'; readonly size?: number }
  | { readonly kind: 'maps'; readonly uid: readonly IdMapping[]; readonly gid: readonly IdMapping[] }
  /** All that /etc/subuid and /etc/subgid give to these names. */
  | { readonly kind: 'subordinate'; readonly users: string; readonly groups: string };

export type Label = readonly [key: string, value: string];

/** What few containers ask for: a container's configuration holds of it what was asked for alone. */
export interface RunSettings {
  readonly domainname?: string;
  readonly annotations?: readonly Label[];
  readonly isPrivileged?: boolean;
  /** Names with CAP_, or ALL. */
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly security?: SecuritySettings;
  readonly namespaces?: NamespaceSettings;
  /** Absent for what corten.toml says. */
  readonly ids?: IdsWish;
  readonly devices?: readonly DeviceSetting[];
  /** `vendor.com/class=name` each; without a vendor for a GPU of any. */
  readonly cdi?: readonly string[];
  /** An absolute path below the root of each hierarchy. */
  readonly cgroupParent?: string;
  readonly ulimits?: readonly Ulimit[];
  readonly sysctls?: readonly Label[];
  /** Bytes of /dev/shm. */
  readonly shmSize?: number;
  /** Whether a small init reaps what the program leaves. */
  readonly hasInit?: boolean;
  readonly stopSignal?: string;
  /** Seconds; -1 for ever. */
  readonly stopTimeout?: number;
  readonly umask?: number;
  /** Names or numbers of groups. */
  readonly groupAdd?: readonly string[];
  readonly oomScoreAdj?: number;
  readonly restart?: RestartSetting;
  readonly health?: HealthWish;
  readonly log?: LogOptions;
  /** Seconds after which the program is killed. */
  readonly timeout?: number;
  /** The absolute path of an OCI runtime's program. */
  readonly runtime?: string;
  readonly links?: readonly LinkSetting[];
  readonly secrets?: readonly SecretSetting[];
  /** IDs or names of containers whose volumes are shown too, `:ro` behind. */
  readonly volumesFrom?: readonly string[];
}

export interface SecuritySettings {
  /** `unconfined`, or the text of a profile in Docker's or the OCI's form. */
  readonly seccomp?: string;
  readonly isWithoutNewPrivileges?: boolean;
  /** Paths that are not masked, `ALL` for every one. */
  readonly unmask?: readonly string[];
  readonly mask?: readonly string[];
  /** Whether the container's cgroups can be written. */
  readonly hasWritableCgroups?: boolean;
}

/** `host`, `private`, `container:ID` and what else each knows; absent is Docker's default, private. */
export interface NamespaceSettings {
  readonly pid?: string;
  readonly ipc?: string;
  readonly uts?: string;
  readonly user?: string;
  readonly cgroup?: string;
}

export interface DeviceSetting {
  /** Of the host. */
  readonly source: string;
  readonly destination: string;
  /** Of `r`, `w` and `m`. */
  readonly access: string;
}

/** Another container, by its name or ID, and what it is called here. */
export interface LinkSetting {
  readonly container: string;
  readonly alias: string;
}

/** What a container sees of a secret, and where. */
export interface SecretSetting {
  readonly name: string;
  readonly type: 'mount' | 'env';
  /** An absolute path, or the name of a variable. */
  readonly target: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

export interface Ulimit {
  /** As setrlimit(2) calls it, without RLIMIT_ and in lower case. */
  readonly name: string;
  /** -1 for no limit. */
  readonly soft: number;
  readonly hard: number;
}

export interface RestartSetting {
  readonly name: 'always' | 'unless-stopped' | 'on-failure';
  /** 0 for no limit. */
  readonly most: number;
}

/** What a user wants other than the image's own check says. */
export type HealthWish = { readonly [Key in keyof HealthSetting]?: HealthSetting[Key] };

/** Times in milliseconds. */
export interface HealthSetting {
  /** As the image configuration has it: NONE, CMD or CMD-SHELL first. */
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}
