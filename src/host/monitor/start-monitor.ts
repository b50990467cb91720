import { timestamp } from '../kernel/clock.ts';
import type { Spec } from '../../pure/spec/runtime.ts';
import { attempt, sys } from '../kernel/call.ts';
import { AF, F, O, SOCK } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { exit, fork, pipe } from '../kernel/process.ts';
import { blockSignals, catchableSignals, signalSet } from '../kernel/signals.ts';
import { openPeer } from '../kernel/terminal.ts';
import type { LayerMount } from '../snapshot/rootfs-request.ts';
import { createContainer, type CreatedContainer } from '../runtime/create.ts';
import { recordOf } from './loop/failure.ts';
import { appendRecord } from './journal.ts';
import { becomeSecondLife } from './loop/second-life.ts';
import { leaveCaller } from './loop/leave-caller.ts';
import { listen } from './loop/listener.ts';
import { runLoop } from './loop/run-loop.ts';
import type { MonitorState, Output } from './loop/state.ts';
import { jsonPacket, MAX_PAYLOAD, PACKET, type Started } from './packets.ts';
import type { Places } from './places.ts';
import { releaseEnded, removeContainer, removeEnded } from './remove-container.ts';

/** What only exists once the monitor runs: made in its process, since descriptors and mounts are its own. */
export interface Prepared {
  readonly spec: Spec;
  /** A detached mount. */
  readonly rootfs: Fd;
  /** Another of the same, for whoever reads or changes the container's files from outside. */
  readonly lease: Fd;
  /** The files of its layers, none where they aren't mounted. */
  readonly layerFiles: readonly string[];
  /** Mounts of its layers, for other containers of the same image. */
  readonly layers: readonly LayerMount[];
  /** Further descriptors to hold for as long as the container lives. */
  readonly kept: readonly Fd[];
  /** Descriptors to close as soon as it runs. */
  readonly spent: readonly Fd[];
}

export interface MonitorRequest {
  readonly places: Places;
  /** The container's directory, locked. */
  readonly directory: Fd;
  readonly isAutoRemove: boolean;
  readonly hasTerminal: boolean;
  /** Whether standard input is open for clients; else the container reads /dev/null. */
  readonly hasStdin: boolean;
  /** Whether the starter is attached to the streams from the first byte on. */
  readonly isAttached: boolean;
  readonly prepare: () => Prepared;
}

export interface StartedMonitor {
  readonly pid: number;
  /** The first client's connection: STARTED or FAILED comes next. */
  readonly socket: Fd;
}

/** Milliseconds after which a monitor exchanges its heap for a small one. */
const FIRST_LIFE = 100;

/**
 * Forks the monitor of a new container. It makes the container's init its own child, outlives whoever started it,
 * and ends when the container has ended; a container that can't be started leaves nothing. Leaves the caller with
 * all catchable signals blocked.
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
  leaveCaller([request.directory.number, client]);
  let state: MonitorState;
  try {
    state = begin(request, client);
  } catch (error) {
    // The container's directory goes first: whoever reads of the failure finds nothing of it.
    removeContainer(request.places);
    const failure = jsonPacket(PACKET.FAILED, recordOf(error));
    attempt('write', client, failure, failure.length);
    return;
  }
  const cleanUp = state.isAutoRemove ? removeEnded : releaseEnded;
  runLoop(state, { cleanUp, chunk: MAX_PAYLOAD, firstLife: FIRST_LIFE, becomeSmall: becomeSecondLife });
}

function begin(request: MonitorRequest, client: number): MonitorState {
  const { places, directory, isAutoRemove, hasTerminal, isAttached, hasStdin } = request;
  const { spec, rootfs, lease, layerFiles, layers, kept, spent } = request.prepare();
  const listener = listen(directory.number);
  const streams = openStreams(request);
  const created = createContainer({
    root: places.runtimeRoot,
    id: places.id,
    bundle: places.directory,
    spec,
    rootfs: { mountFd: rootfs.number },
    stdio: streams.inner,
    start: 'now',
    warn: () => undefined,
  });
  for (const fd of new Set(streams.inner)) if (fd > 2) attempt('close', fd);
  const { pid, startTime } = created;
  appendRecord(directory.number, { event: 'started', time: timestamp(), pid, startTime }, false);
  const started = jsonPacket(PACKET.STARTED, { pid } satisfies Started);
  attempt('write', client, started, started.length);
  for (const fd of [...spent, rootfs]) fd.close();
  return {
    places,
    isAutoRemove,
    hasTerminal,
    pid,
    cgroups: created.cgroups,
    pidfd: sys('pidfd_open', pid, 0),
    directory: directory.number,
    listener,
    kept: [...kept.map((fd) => fd.number), ...peerOf(created)],
    lease: lease.number,
    layerFiles,
    layers: layers.map(({ file, fd }) => ({ file, fd: fd.number })),
    ...outerStreams(streams, created),
    clients: [{ fd: client, isAttached, isStdin: isAttached && hasStdin }],
  };
}

interface Streams {
  /** The container's ends: what becomes its 0, 1 and 2. */
  readonly inner: [number, number, number];
  readonly stdin: number | undefined;
  readonly outputs: readonly Output[];
}

/** 0 to 2 are /dev/null here; a terminal brings its own. */
function openStreams({ hasTerminal, hasStdin }: MonitorRequest): Streams {
  if (hasTerminal) return { inner: [0, 1, 2], stdin: undefined, outputs: [] };
  const [stdoutOuter, stdoutInner] = pipe();
  const [stderrOuter, stderrInner] = pipe();
  const [stdinInner, stdinOuter] = hasStdin ? pipe() : [0, undefined];
  if (stdinOuter !== undefined) setNonBlocking(stdinOuter);
  return {
    inner: [stdinInner, stdoutInner, stderrInner],
    stdin: stdinOuter,
    outputs: [
      { fd: stdoutOuter, stream: 'stdout' },
      { fd: stderrOuter, stream: 'stderr' },
    ],
  };
}

function outerStreams(
  streams: Streams,
  { console }: CreatedContainer,
): Pick<MonitorState, 'stdin' | 'outputs'> {
  if (console === undefined) return { stdin: streams.stdin, outputs: streams.outputs };
  const master = console.release();
  setNonBlocking(master);
  return { stdin: master, outputs: [{ fd: master, stream: 'stdout' }] };
}

/** Held, so that the master never hangs up while the container lives: whoever closed the terminal may open it again. */
function peerOf({ console }: CreatedContainer): readonly number[] {
  return console === undefined ? [] : [openPeer(console.number).release()];
}

function setNonBlocking(fd: number): void {
  sys('fcntl', fd, F.SETFL, O.NONBLOCK | O.RDWR);
}
