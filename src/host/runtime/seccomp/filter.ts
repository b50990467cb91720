/** A filter as the kernel takes it, and as a container keeps it for processes that come later. */
export interface Filter {
  /** Instructions of classic BPF (struct sock_filter), 8 bytes each. */
  readonly program: Uint8Array;
  /** SECCOMP_FILTER_FLAG_ bits of seccomp(2). */
  readonly flags: number;
  /** Those of `flags` that nobody asked for: an older kernel may do without. */
  readonly optionalFlags: number;
  /** Where calls wait for an answer. */
  readonly listener: Listener | undefined;
}

/** Who gets the listener of a filter with SCMP_ACT_NOTIFY. */
export interface Listener {
  /** A Unix socket's. */
  readonly path: string;
  readonly metadata: string;
}

/** The same as JSON carries it. */
export interface FilterRecord extends Omit<Filter, 'program' | 'listener'> {
  readonly program: string;
  readonly listener?: Listener;
}

export function toFilterRecord({ program, flags, optionalFlags, listener }: Filter): FilterRecord {
  const record = { program: program.toBase64(), flags, optionalFlags };
  return listener === undefined ? record : { ...record, listener };
}

export function fromFilterRecord({ program, flags, optionalFlags, listener }: FilterRecord): Filter {
  return { program: Uint8Array.fromBase64(program), flags, optionalFlags, listener };
}
