import type { Annotations } from '../../../pure/spec/runtime.ts';
import type { ContainerStatus } from '../../../pure/spec/runtime-state.ts';
import { capabilityBits, type CapabilityBits } from '../../kernel/capabilities.ts';
import { encode, type Fd } from '../../kernel/files.ts';
import { connectUnix } from '../../kernel/sockets.ts';
import { named } from '../errors.ts';
import type { ProcessPlan } from '../plan/process.ts';
import type { Filter, Listener } from '../seccomp/filter.ts';
import type { FilterRequest } from './filter-request.ts';

/** What the receiver of a listener is told of the container (runtime.md#state). */
export interface StateForListener {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: ContainerStatus;
  readonly pid: number;
  readonly bundle: string;
  readonly annotations: Annotations;
}

const ADMIN = capabilityBits(['CAP_SYS_ADMIN'], () => undefined);

/**
 * What has to be there before the fork of a process that will be under a filter. The filter itself may come later:
 * the stub loads it, so that nothing that the process does before is judged by it.
 */
export class Confinement {
  /** The process as it is until the filter is loaded. */
  readonly process: ProcessPlan;
  readonly #inheritable: CapabilityBits | undefined;
  readonly #listener: Listener | undefined;
  readonly #socket: Fd | undefined;

  private constructor(wanted: ProcessPlan, hasFilter: boolean, listener: Listener | undefined) {
    const isLent = hasFilter && !wanted.noNewPrivileges && !keepsAdmin(wanted);
    this.process = isLent ? withAdmin(wanted) : wanted;
    this.#inheritable = isLent ? wanted.inheritable : undefined;
    this.#listener = listener;
    this.#socket = listener === undefined ? undefined : connectListener(listener.path);
  }

  /** Without a filter the process stays as it is. */
  static of(
    wanted: ProcessPlan,
    filter: { readonly listener: Listener | undefined } | undefined,
  ): Confinement {
    return new Confinement(wanted, filter !== undefined, filter?.listener);
  }

  /** The descriptor that the stub needs. */
  get kept(): number | undefined {
    return this.#socket?.number;
  }

  /** `pid` is of the process that the filter is for, as this process sees it. */
  requestFor(filter: Filter, state: StateForListener, pid: number): FilterRequest {
    const message = (metadata: string): Uint8Array => encode(processState({ state, pid, metadata }));
    const listener =
      this.#socket === undefined
        ? undefined
        : { socket: this.#socket.number, message: message(this.#listener?.metadata ?? '') };
    return { filter, inheritable: this.#inheritable, listener };
  }

  [Symbol.dispose](): void {
    this.#socket?.close();
  }
}

function connectListener(path: string): Fd {
  return named(`linux.seccomp.listenerPath: failed to connect with seccomp agent ${path}`, () =>
    connectUnix(path),
  );
}

/** config-linux.md#containerprocessstate */
function processState({
  state,
  pid,
  metadata,
}: {
  readonly state: StateForListener;
  readonly pid: number;
  readonly metadata: string;
}): string {
  return JSON.stringify({ ociVersion: state.ociVersion, fds: ['seccompFd'], pid, metadata, state });
}

/** Whether the stub has CAP_SYS_ADMIN anyway: execve(2) gives root what is inheritable or bounding, others the ambient set. */
function keepsAdmin({ uid, bounding, inheritable, ambient }: ProcessPlan): boolean {
  const low = uid === 0 ? bounding[0] | inheritable[0] : ambient[0];
  return (low & ADMIN[0]) !== 0;
}

/** Kept over the stub's execve(2). */
function withAdmin(plan: ProcessPlan): ProcessPlan {
  const add = ([low, high]: CapabilityBits): CapabilityBits => [low | ADMIN[0], high];
  return {
    ...plan,
    isAdminLent: true,
    effective: add(plan.effective),
    permitted: add(plan.permitted),
    inheritable: add(plan.inheritable),
    ambient: plan.uid === 0 ? plan.ambient : add(plan.ambient),
  };
}
