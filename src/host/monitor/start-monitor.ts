import { timestamp } from '../kernel/clock.ts';
import { attempt, sys } from '../kernel/call.ts';
import { AF, F, FD_CLOEXEC, SOCK } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { leaveCgroups } from '../kernel/leave-cgroups.ts';
import { exit, fork } from '../kernel/process.ts';
import { blockSignals, catchableSignals, signalSet } from '../kernel/signals.ts';
import { begin, type Life } from './begin.ts';
import { ending } from './ending.ts';
import { appendRecord } from './journal.ts';
import { recordOf } from './loop/failure.ts';
import { leaveCaller } from './loop/leave-caller.ts';
import { listen } from './loop/listener.ts';
import { runLoop } from './loop/run-loop.ts';
import { becomeRestarting, becomeSecondLife } from './loop/second-life.ts';
import { lastingDescriptors, type LastingState, type MonitorState } from './loop/state.ts';
import { jsonPacket, MAX_PAYLOAD, PACKET } from './packets.ts';
import { SOCKET_FILE, type Places } from './places.ts';
import { releaseEnded, releaseRuntime, removeContainer, removeEnded } from './remove-container.ts';
import type { Supervision } from './supervision.ts';

export type { Life, Prepared, PreparedNetwork } from './begin.ts';

export interface MonitorRequest extends Life {
  readonly places: Places;
  /** The container's directory, locked. */
  readonly directory: Fd;
  /** Whether the container is new: one that can't be started leaves nothing then. */
  readonly isNew: boolean;
  readonly supervision: Supervision | undefined;
  /** Whether the starter is attached to the streams from the first byte on. */
  readonly isAttached: boolean;
}

export interface StartedMonitor {
  readonly pid: number;
  /** The first client's connection: STARTED or FAILED comes next. */
  readonly socket: Fd;
}

/** Milliseconds after which a monitor exchanges its heap for a small one. */
const FIRST_LIFE = 100;

/**
 * Forks the monitor of a container. It makes the container's init its own child, outlives whoever started it, and
 * ends when the container has ended for good. Leaves the caller with all catchable signals blocked.
 */
export function startMonitor(request: MonitorRequest): StartedMonitor {
  const ends = new Uint32Array(2);
  sys('socketpair', AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC | SOCK.NONBLOCK, 0, ends);
  const [ours = 0, theirs = 0] = ends;
  // Signals are meant for the caller: the monitor never takes one, from its first moment on.
  blockSignals(signalSet(catchableSignals()));
  const pid = fork();
  if (pid === 0) {
    // Nothing may reach the frames that belong to the caller.
    try {
      live(request, theirs);
    } finally {
      exit(0);
    }
  }
  attempt('close', theirs);
  request.directory.close();
  return { pid, socket: new Fd(ours) };
}

function live(request: MonitorRequest, client: number): void {
  const { places, directory, isAttached, hasStdin, supervision } = request;
  leaveCaller([directory.number, client]);
  // Whoever is told that it runs may end the caller's cgroup at once. One that is attached is left a little later.
  if (!isAttached) leaveCgroups();
  let state: MonitorState;
  try {
    const listener = listen(directory.number);
    const clients = [{ fd: client, isAttached, isStdin: isAttached && hasStdin }];
    const lasting = { places, directory: directory.number, listener, clients };
    state = begin(request, supervision === undefined ? lasting : { ...lasting, supervision });
  } catch (error) {
    // The container's directory goes first: whoever reads of the failure finds nothing of it.
    if (request.isNew) removeContainer(places, true);
    else leaveFailed(places, directory.number, error);
    tellFailure([client], error);
    return;
  }
  liveOn(state);
}

/**
 * The life of a monitor that starts its container again: `lasting` is what it kept of its own by execve(2). A
 * container that can't be started stays as it is.
 */
export function startAgain(life: Life, lasting: LastingState): void {
  const { places, directory, clients } = lasting;
  for (const fd of lastingDescriptors(lasting)) attempt('fcntl', fd, F.SETFD, FD_CLOEXEC);
  let state: MonitorState;
  try {
    state = begin(life, lasting);
  } catch (error) {
    leaveFailed(places, directory, error);
    tellFailure(
      clients.map(({ fd }) => fd),
      error,
    );
    return;
  }
  liveOn(state);
}

function leaveFailed({ directory: path }: Places, directory: number, error: unknown): void {
  const { message } = recordOf(error);
  appendRecord(directory, { event: 'failed', time: timestamp(), message }, false);
  attempt('unlink', `${path}/${SOCKET_FILE}`);
}

function tellFailure(clients: readonly number[], error: unknown): void {
  const failure = jsonPacket(PACKET.FAILED, recordOf(error));
  for (const client of clients) attempt('write', client, failure, failure.length);
}

function liveOn(state: MonitorState): void {
  const release = state.isAutoRemove ? removeEnded : releaseEnded;
  runLoop(state, {
    cleanUp: ({ places, cgroups, supervision }, isLast) =>
      (isLast ? release : releaseRuntime)(places, cgroups, supervision?.runtime),
    announceEnd: ({ places }, code) => ending().announceEnd(places, code),
    tellMemory: (current, told, isEnded) => ending().tellMemory(current, told, isEnded),
    chunk: MAX_PAYLOAD,
    firstLife: FIRST_LIFE,
    becomeSmall: (small) => becomeSecondLife(ending().withMemory(small)),
    restart: becomeRestarting,
  });
}
