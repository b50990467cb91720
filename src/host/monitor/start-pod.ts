import { attempt, sys } from '../kernel/call.ts';
import { timestamp } from '../kernel/clock.ts';
import { AF, F, SOCK } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import { leaveCgroups } from '../kernel/leave-cgroups.ts';
import { cStrings, exit, fork, waitFor } from '../kernel/process.ts';
import { blockSignals, catchableSignals, signalSet } from '../kernel/signals.ts';
import type { PreparedNetwork } from './begin.ts';
import { monitorError } from './errors.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { appendRecord } from './journal.ts';
import { recordOf } from './loop/failure.ts';
import { leaveCaller } from './loop/leave-caller.ts';
import { listen } from './loop/listener.ts';
import { jsonPacket, PACKET } from './packets.ts';
import type { Places } from './places.ts';
import { descriptorsOfPod, POD_PROGRAM, type PodState, type Shared } from './pods/pod-state.ts';
import { releasePod } from './release-pod.ts';

export type { Shared };

export interface PodRequest {
  readonly places: Places;
  /** The pod's directory, locked. */
  readonly directory: Fd;
  /** The pod's directory in the cgroup hierarchies, where it has one. */
  readonly cgroups: readonly string[];
  readonly endsWithLast: boolean;
  readonly prepare: () => PreparedPod;
}

/** What only exists once the monitor runs. */
export interface PreparedPod {
  readonly shared: ReadonlyMap<Shared, Fd>;
  readonly network?: PreparedNetwork;
  /** What happened on the way, beside its start. */
  readonly events: readonly NewEvent[];
  /** The first process of the shared pid namespace, a child of the caller. */
  readonly init?: number;
}

/**
 * Makes the monitor of a pod, nobody's child, which outlives the caller. The connection's first packet is STARTED or
 * FAILED. Leaves the caller with all catchable signals blocked.
 */
export function startPod(request: PodRequest): Fd {
  const ends = new Uint32Array(2);
  sys('socketpair', AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC | SOCK.NONBLOCK, 0, ends);
  const [ours = 0, theirs = 0] = ends;
  // Signals are meant for the caller: the monitor never takes one, from its first moment on.
  blockSignals(signalSet(catchableSignals()));
  const pid = fork();
  if (pid === 0) {
    // Nothing may reach the frames that belong to the caller.
    try {
      // The one between is waited for at once, so that the monitor is nobody's child.
      if (fork() === 0) live(request, theirs);
    } finally {
      exit(0);
    }
  }
  waitFor(pid);
  attempt('close', theirs);
  request.directory.close();
  return new Fd(ours);
}

function live({ places, directory, cgroups, endsWithLast, prepare }: PodRequest, client: number): void {
  leaveCaller([directory.number, client]);
  leaveCgroups();
  try {
    const listener = listen(directory.number);
    const { shared, network, init, events } = prepare();
    const pid = sys('getpid');
    const ports = network === undefined || network.portText === '' ? {} : { ports: network.portText };
    const started = { event: 'started', time: timestamp(), pid, startTime: '', ...ports } as const;
    appendRecord(directory.number, started, false);
    const served = network?.serve();
    const start = { type: 'pod', action: 'start', id: places.id, attributes: { name: places.name } } as const;
    appendEvents(places.events, [...events, start]);
    become({
      places,
      directory: directory.number,
      listener,
      clients: [{ fd: client }],
      shared: [...shared].map(([name, fd]) => ({ name, fd: fd.number })),
      ...(served === undefined ? {} : { network: served }),
      ...(init === undefined ? {} : { init }),
      cgroups,
      endsWithLast,
    });
    throw monitorError('MONITOR_DIED', `The monitor of the pod ${places.name} could not be executed`);
  } catch (error) {
    releasePod(places, cgroups);
    const failure = jsonPacket(PACKET.FAILED, recordOf(error));
    attempt('write', client, failure, failure.length);
  }
}

/** Exchanges this process's heap for that of the small program. Returns where the kernel refuses. */
function become(state: PodState): void {
  for (const fd of descriptorsOfPod(state)) attempt('fcntl', fd, F.SETFD, 0);
  const args = cStrings([POD_PROGRAM, JSON.stringify(state)]);
  attempt('execve', '/proc/self/exe', args.pointers, cStrings([]).pointers);
}
