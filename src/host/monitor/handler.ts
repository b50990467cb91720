import type { Spec } from '../../pure/spec/runtime.ts';
import type { Fd } from '../kernel/files.ts';
import type { Filter } from '../runtime/create.ts';
import type { Places } from './places.ts';

/** What makes containers: our own runtime in this process, or any OCI runtime as a process with a bundle. */
export interface Handler {
  /** Makes a container and starts its program, which becomes a child of the caller. On failure nothing is left. */
  readonly create: (request: HandlerRequest) => Handled;
  /** Removes what is left of one whose init has been waited for; false where the runtime knows no such container. */
  readonly release: (places: Places, cgroups: readonly string[]) => boolean;
  /** Ends and removes one in whatever state it is; false where the runtime knows no such container. */
  readonly remove: (places: Places) => boolean;
}

export interface HandlerRequest {
  readonly places: Places;
  readonly spec: Spec;
  /** The compiled seccomp filter, where the handler can take one. */
  readonly filter?: Filter | undefined;
  /** A detached mount. */
  readonly rootfs: Fd;
  /** Detached mounts for binds of the spec, by their destinations. */
  readonly mounts?: ReadonlyMap<string, Fd> | undefined;
  /** What become the container's standard streams; with a terminal they are not used. */
  readonly stdio: readonly [number, number, number];
}

export interface Handled {
  readonly pid: number;
  readonly startTime: string;
  /** The terminal's master, where the process has one. */
  readonly console?: Fd;
  /** The container's directory in each cgroup hierarchy. */
  readonly cgroups: readonly string[];
}
