import type { Annotations } from './runtime.ts';

/** runtime.md#state */
export type ContainerStatus = 'creating' | 'created' | 'running' | 'stopped';

/** runtime.md#state, with the fields that runc adds. */
export interface ContainerState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: ContainerStatus;
  /** 0 unless created or running. */
  readonly pid: number;
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  readonly owner: string;
  readonly annotations: Annotations;
}
