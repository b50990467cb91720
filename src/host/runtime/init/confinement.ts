import type { Annotations } from '../../../pure/spec/runtime.ts';
import type { ContainerStatus } from '../../../pure/spec/runtime-state.ts';
import { attempt } from '../../kernel/call.ts';
import { capabilityBits, type CapabilityBits } from '../../kernel/capabilities.ts';
import { ERRNO } from '../../kernel/errno.ts';
import { encode, type Fd } from '../../kernel/files.ts';
import { connectUnix } from '../../kernel/sockets.ts';
import { named, runtimeError } from '../errors.ts';
import type { ProcessPlan } from '../plan/process.ts';
import type { Filter, Listener } from '../seccomp/filter.ts';
import { encodeRequest, withRequest, type Birth } from './filter-request.ts';

/** What the receiver of a listener is told of the container (runtime.md#state). */
export interface StateForListener {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: ContainerStatus;
  readonly pid: number;
  readonly bundle: string;
  readonly annotations: Annotations;
}

/** The process that a filter is for. */
export interface Confined {
  readonly state: StateForListener;
  /** As this process sees it. */
  readonly pid: number;
  readonly birth?: Birth | undefined;
}

const SET_MODE_FILTER = 1;
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
  readonly #hookSockets: readonly Fd[];

  /** An agent takes one message of each connection, in the order in which they were made: the hooks' come first. */
  constructor(wanted: ProcessPlan, listener: Listener | undefined, hookCount = 0) {
    const isLent = !wanted.noNewPrivileges && !keepsAdmin(wanted);
    this.process = isLent ? withAdmin(wanted) : wanted;
    this.#inheritable = isLent ? wanted.inheritable : undefined;
    this.#listener = listener;
    const connected: Fd[] = [];
    try {
      if (listener !== undefined)
        for (let count = 0; count <= hookCount; count++) connected.push(connectListener(listener.path));
    } catch (error) {
      connected.forEach((one) => one.close());
      throw error;
    }
    this.#socket = connected.pop();
    this.#hookSockets = connected;
  }

  /** The descriptor that the stub needs. */
  get kept(): number | undefined {
    return this.#socket?.number;
  }

  /** What takes the place of `kept` in the stub of each hook. */
  get keptForHooks(): readonly number[] {
    return this.#hookSockets.map(({ number }) => number);
  }

  /** The stub's file with what it has to do. */
  stubFor(filter: Filter, { state, pid, birth }: Confined): Uint8Array {
    checkFlags(filter);
    const metadata = this.#listener?.metadata ?? '';
    const listener =
      this.#socket === undefined
        ? undefined
        : { socket: this.#socket.number, message: encode(processState({ state, pid, metadata })) };
    return withRequest(stub(), encodeRequest({ filter, inheritable: this.#inheritable, listener, birth }));
  }

  [Symbol.dispose](): void {
    this.#socket?.close();
    this.#hookSockets.forEach((socket) => socket.close());
  }
}

/** The stub's file where there is no filter. */
export function stubWithBirth(birth: Birth): Uint8Array {
  return withRequest(stub(), encodeRequest({ birth }));
}

/** A filter that isn't there is a fault for known flags, which come before it. What nobody asked for may be left out. */
function checkFlags({ flags, optionalFlags }: Filter): void {
  const asked = flags & ~optionalFlags;
  if (asked === 0 || attempt('seccomp', SET_MODE_FILTER, asked, null) !== -ERRNO.EINVAL) return;
  throw runtimeError(
    'SPEC_FIELD_UNSUPPORTED',
    'The field linux.seccomp asks for flags or a listener that this kernel does not have: leave them out',
  );
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
