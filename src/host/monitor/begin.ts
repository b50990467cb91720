import type { Spec } from '../../pure/spec/runtime.ts';
import { timestamp } from '../kernel/clock.ts';
import { attempt, sys } from '../kernel/call.ts';
import { F, O } from '../kernel/constants.ts';
import type { Fd } from '../kernel/files.ts';
import { pipe } from '../kernel/process.ts';
import { openPeer } from '../kernel/terminal.ts';
import type { LayerMount } from '../snapshot/rootfs-request.ts';
import type { Filter } from '../runtime/create.ts';
import type { Handled } from './handler.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { handlerOf } from './handlers/handler-of.ts';
import { appendRecord } from './journal.ts';
import { openEndOf } from './loop/open-end.ts';
import type { LastingState, MonitorState, NetworkState, Output } from './loop/state.ts';
import { jsonPacket, PACKET, type Started } from './packets.ts';

/** What only exists once the monitor runs: made in its process, since descriptors and mounts are its own. */
export interface Prepared {
  readonly spec: Spec;
  readonly filter?: Filter | undefined;
  /** Detached mounts for binds of the spec, by their destinations. */
  readonly mounts?: ReadonlyMap<string, Fd>;
  /** A detached mount. */
  readonly rootfs: Fd;
  /** Another of the same, for whoever reads or changes the container's files from outside. */
  readonly lease: Fd;
  /** The files of its layers. */
  readonly layerFiles: readonly string[];
  /** Mounts of its layers, for other containers of the same image. */
  readonly layers: readonly LayerMount[];
  /** Further descriptors to hold for as long as the container lives. */
  readonly kept: readonly Fd[];
  /** Descriptors to close as soon as it runs. */
  readonly spent: readonly Fd[];
  /** Whose the container's ends of its pipes become; the caller's unless given. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly network?: PreparedNetwork;
  /** What it uses of networks and volumes. */
  readonly events: readonly NewEvent[];
}

/** What a container in networks has besides. */
export interface PreparedNetwork {
  /** The ports that are published, in words. */
  readonly portText: string;
  /** Called once it runs. */
  readonly serve: () => NetworkState;
}

/** How a container is run, each time that it is. */
export interface Life {
  readonly isAutoRemove: boolean;
  readonly hasTerminal: boolean;
  /** Whether standard input is open for clients; else the container reads /dev/null. */
  readonly hasStdin: boolean;
  readonly prepare: () => Prepared;
}

/** Makes the container and starts its program; whoever is connected hears of it. */
export function begin(life: Life, lasting: LastingState): MonitorState {
  const { places, directory, clients, supervision } = lasting;
  const { spec, filter, mounts, rootfs, lease, layerFiles, layers, kept, spent, network, events, owner } =
    life.prepare();
  const streams = openStreams(life);
  if (owner !== undefined)
    for (const fd of streams.inner) attempt('fchown', fd > 2 ? fd : -1, owner.uid, owner.gid);
  const created = handlerOf(supervision?.runtime).create({
    places,
    spec,
    filter,
    mounts,
    rootfs,
    stdio: streams.inner,
  });
  for (const fd of new Set(streams.inner)) if (fd > 2) attempt('close', fd);
  const { pid, startTime } = created;
  const { restarts = 0 } = supervision?.restart ?? {};
  const { portText = '' } = network ?? {};
  const more = { ...(restarts === 0 ? {} : { restarts }), ...(portText === '' ? {} : { ports: portText }) };
  appendRecord(directory, { event: 'started', time: timestamp(), pid, startTime, ...more }, false);
  const served = network?.serve();
  appendEvents(places.events, [...events, { type: 'container', action: 'start', id: places.id }]);
  const started = jsonPacket(PACKET.STARTED, { pid } satisfies Started);
  for (const { fd } of clients) attempt('write', fd, started, started.length);
  for (const fd of [...spent, ...(mounts?.values() ?? []), rootfs]) fd.close();
  return {
    ...lasting,
    isAutoRemove: life.isAutoRemove,
    hasTerminal: life.hasTerminal,
    pid,
    ...(served === undefined ? {} : { network: served }),
    cgroups: created.cgroups,
    pidfd: openEndOf(pid),
    kept: [...kept.map((fd) => fd.number), ...peerOf(created)],
    lease: lease.number,
    layerFiles,
    layers: layers.map(({ file, fd }) => ({ file, fd: fd.number })),
    ...outerStreams(streams, created),
  };
}

interface Streams {
  /** The container's ends: what becomes its 0, 1 and 2. */
  readonly inner: [number, number, number];
  readonly stdin: number | undefined;
  readonly outputs: readonly Output[];
}

/** 0 to 2 are /dev/null here; a terminal brings its own. */
function openStreams({ hasTerminal, hasStdin }: Life): Streams {
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

function outerStreams(streams: Streams, { console }: Handled): Pick<MonitorState, 'stdin' | 'outputs'> {
  if (console === undefined) return { stdin: streams.stdin, outputs: streams.outputs };
  const master = console.release();
  setNonBlocking(master);
  return { stdin: master, outputs: [{ fd: master, stream: 'stdout' }] };
}

/** Held, so that the master never hangs up while the container lives: whoever closed the terminal may open it again. */
function peerOf({ console }: Handled): readonly number[] {
  return console === undefined ? [] : [openPeer(console.number).release()];
}

function setNonBlocking(fd: number): void {
  sys('fcntl', fd, F.SETFL, O.NONBLOCK | O.RDWR);
}
