import type { Digest } from '../../pure/base/digest.ts';

/** What happens to one layer, for people who wait. */
export interface LayerProgress {
  readonly digest: Digest;
  readonly state: 'waiting' | 'downloading' | 'present' | 'done';
  /** Bytes of the blob that have come. */
  readonly current: number;
  readonly total: number;
}

export type WatchLayer = (progress: LayerProgress) => void;
