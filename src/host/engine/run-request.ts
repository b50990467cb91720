import type { Networking } from './networking.ts';
import type { Label, RunSettings } from './run-settings.ts';

export type { Label };

/** What a user asks for. Plain data. */
export interface RunRequest {
  /** An image, or a directory of the host as the root file system. */
  readonly source: { readonly image: string } | { readonly rootfs: string };
  /** `OS/ARCHITECTURE`, if the image has to be for another than this machine. */
  readonly platform?: string | undefined;
  readonly name: string | undefined;
  /** Replaces the image's arguments unless empty. */
  readonly command: readonly string[];
  /** Replaces the image's entrypoint; an empty text removes it. */
  readonly entrypoint: string | undefined;
  /** `NAME=value` each. */
  readonly env: readonly string[];
  /** Names of variables of the image's that are left out. */
  readonly unsetEnv?: readonly string[] | 'all' | undefined;
  readonly workingDirectory: string | undefined;
  /** A name or number, and a group's after a colon. */
  readonly user: string | undefined;
  readonly hostname: string | undefined;
  readonly volumes: readonly Volume[];
  readonly network: Network;
  readonly networking: Networking;
  readonly isReadOnly: boolean;
  readonly limits: Limits;
  readonly labels: readonly Label[];
  readonly hasTerminal: boolean;
  readonly consoleSize: { readonly height: number; readonly width: number } | undefined;
  readonly hasStdin: boolean;
  readonly isAutoRemove: boolean;
  /** What few containers ask for. */
  readonly settings: RunSettings;
  /** The words of the command line, if it came by one. */
  readonly commandLine: readonly string[] | undefined;
  /** The pod to be in. */
  readonly pod?: PodWish;
}

export interface PodWish {
  /** A name or an ID; the name of one to be made where `isNew`. */
  readonly name: string;
  readonly isNew: boolean;
  /** Whether the networking was asked for, and is not what containers have anyhow. */
  readonly hasOwnNetworking: boolean;
}

/**
 * `none` is a network namespace of its own with nothing but loopback, `container` another container's, `pod` that of
 * its pod; with `networks` it has an interface in each of those.
 */
export type Network = 'none' | 'host' | 'container' | 'pod' | 'networks';

export interface Limits {
  /** Bytes, as all of memory here. */
  readonly memory?: number;
  readonly memoryReservation?: number;
  /** Of memory and swap together; -1 for no limit. */
  readonly memorySwap?: number;
  /** 0 to 100. */
  readonly memorySwappiness?: number;
  readonly isOomKillDisabled?: boolean;
  /** Billionths of a processor, as Docker counts them. */
  readonly nanoCpus?: number;
  readonly cpuShares?: number;
  /** Microseconds. */
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuRtPeriod?: number;
  readonly cpuRtRuntime?: number;
  /** Lists such as `0-3,8`. */
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pids?: number;
  /** 10 to 1000. */
  readonly blkioWeight?: number;
  readonly blkioDevices?: readonly BlkioDevice[];
  /** Rules as linux.resources.devices has them: `c 1:3 rwm`. */
  readonly deviceRules?: readonly string[];
}

/** A limit of one block device of the host. */
export interface BlkioDevice {
  readonly kind: 'weight' | 'read-bps' | 'write-bps' | 'read-iops' | 'write-iops';
  readonly path: string;
  readonly value: number;
}

/** Something shown in the container, named by its kind. */
export interface Volume {
  /** `bind`: of the host; `volume`: a named or anonymous volume; `image`: an image, read-only. */
  readonly type: VolumeType;
  /** A path of the host, a volume's name, an image; empty for a tmpfs. */
  readonly source: string;
  readonly destination: string;
  readonly isReadOnly: boolean;
  readonly propagation: string;
  /** As given, for `inspect`. */
  readonly mode: string;
  readonly options?: VolumeOptions;
}

export type VolumeType = 'bind' | 'volume' | 'tmpfs' | 'image';

export interface VolumeOptions {
  /** Made for this container, and removed with it. */
  readonly isAnonymous?: boolean;
  /** Nothing of the image is copied into the volume. */
  readonly isNotCopied?: boolean;
  /** The container's user owns it, with all that is in it. */
  readonly isOwned?: boolean;
  /** Its owners are shown as ids of the container. */
  readonly isIdMapped?: boolean;
  /** The mounts below the source are left out. */
  readonly isNotRecursive?: boolean;
  /** Below the source. */
  readonly subpath?: string;
  /** A missing directory of the host is made. */
  readonly isMade?: boolean;
  /** Further mount options: of a tmpfs, or `noexec` and its like. */
  readonly mount?: readonly string[];
}
