import type { Networking } from './networking.ts';

/** What a user asks for. Plain data. */
export interface RunRequest {
  /** An image, or a directory of the host as the root file system. */
  readonly source: { readonly image: string } | { readonly rootfs: string };
  readonly name: string | undefined;
  /** Replaces the image's arguments unless empty. */
  readonly command: readonly string[];
  /** Replaces the image's entrypoint; an empty text removes it. */
  readonly entrypoint: string | undefined;
  /** `NAME=value` each. */
  readonly env: readonly string[];
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
}

/**
 * `none` is a network namespace of its own with nothing but loopback, `container` another container's; with
 * `networks` it has an interface in each of those.
 */
export type Network = 'none' | 'host' | 'container' | 'networks';

export type Label = readonly [key: string, value: string];

export interface Limits {
  /** Bytes. */
  readonly memory?: number;
  /** Billionths of a processor, as Docker counts them. */
  readonly nanoCpus?: number;
  readonly pids?: number;
}

/** A file or directory of the host, shown in the container. */
export interface Volume {
  readonly source: string;
  readonly destination: string;
  readonly isReadOnly: boolean;
  readonly propagation: string;
  /** As given, for `inspect`. */
  readonly mode: string;
}
