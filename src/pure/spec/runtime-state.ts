import type { Annotations } from './runtime.ts';

/** runtime.md#state, and `paused`, which runc adds. */
export type ContainerStatus = 'creating' | 'created' | 'running' | 'paused' | 'stopped';

/** runtime.md#state, with the fields that runc adds. */
export interface ContainerState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: ContainerStatus;
  /** 0 unless created, running or paused. */
  readonly pid: number;
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  readonly owner: string;
  readonly annotations: Annotations;
}
