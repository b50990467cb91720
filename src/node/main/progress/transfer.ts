/** A blob on its way, in either direction. */
export interface Transfer {
  readonly digest: string;
  readonly state: TransferState;
  /** Bytes so far. */
  readonly current: number;
  readonly total: number;
}

export type TransferState = 'waiting' | 'running' | 'present' | 'mounted' | 'done';

/** What each state is called, as `Pulling fs layer`. */
export type TransferWords = Readonly<Record<TransferState, string>>;

/** Shows transfers to whoever waits. */
export interface Progress {
  show(transfer: Transfer): void;
  /** The last line of a transfer is out; what follows begins on a fresh line. */
  finish(): void;
}

const PREFIX = 'sha256:'.length;
const SHORT = 12;

export function shortId(digest: string): string {
  return digest.slice(PREFIX, PREFIX + SHORT);
}
