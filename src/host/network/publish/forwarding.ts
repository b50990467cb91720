/** What this program is called. */
export const FORWARDER = 'corten-forwarder';

/** What a monitor hands to its forwarder. Plain data, as it crosses an execve(2). */
export interface Forwarding {
  /** The monitor. */
  readonly parent: number;
  readonly listeners: readonly Listener[];
}

export interface Listener {
  readonly fd: number;
  readonly protocol: 'tcp' | 'udp';
  /** Of the container. */
  readonly address: string;
  readonly port: number;
}
