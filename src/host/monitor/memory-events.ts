import { attempt } from '../kernel/call.ts';
import { AT, O, POLL } from '../kernel/constants.ts';
import { appendEvent } from './events.ts';
import type { MonitorState } from './loop/state.ts';

/** Larger than what either file holds. */
const ROOM = 4096;
const SEEK_SET = 0;
/** cgroup-v1/memory.rst, "OOM Control", and cgroup-v2.rst, "memory.events": both count kills in a line of this name. */
const COUNTER = /^oom_kill (\d+)$/m;

/** An open file of the container's cgroup that counts its kills. */
interface Counter {
  readonly fd: number;
  readonly directory: string;
  readonly isUnified: boolean;
}

/** Which directory is the memory controller's, its files say. */
function openCounter(cgroups: readonly string[]): Counter | undefined {
  for (const directory of cgroups) {
    for (const file of ['memory.oom_control', 'memory.events']) {
      const fd = attempt('openat', AT.FDCWD, `${directory}/${file}`, O.RDONLY | O.CLOEXEC, 0);
      if (fd >= 0) return { fd, directory, isUnified: file === 'memory.events' };
    }
  }
  return undefined;
}

/** From here on poll(2) on a file of version 2 waits for the next change. -1 where the cgroup is gone. */
function killsOf(fd: number): number {
  const buffer = new Uint8Array(ROOM);
  attempt('lseek', fd, 0, SEEK_SET);
  const length = attempt('read', fd, buffer, ROOM);
  return length < 0 ? -1 : Number(COUNTER.exec(utf8(buffer, 0, length))?.[1] ?? 0);
}

function tell({ places: { events, id } }: MonitorState): void {
  appendEvent(events, { type: 'container', action: 'oom', id });
}

/** With what tells of a want of memory from now on, where there is a memory controller. */
export function withMemory(state: MonitorState): MonitorState {
  const counter = openCounter(state.cgroups);
  if (counter === undefined) return state;
  const fd = counter.isUnified ? counter.fd : openEvents(counter);
  const told = Math.max(0, killsOf(counter.fd));
  if (told > 0) tell(state);
  if (!counter.isUnified) attempt('close', counter.fd);
  if (fd < 0) return state;
  const events = counter.isUnified ? POLL.PRI : POLL.IN;
  return { ...state, kept: [...state.kept, fd], memory: { fd, events, told } };
}

/** An eventfd(2) that the kernel writes to; it comes before the kill. */
function openEvents({ fd, directory }: Counter): number {
  const control = attempt('openat', AT.FDCWD, `${directory}/cgroup.event_control`, O.WRONLY | O.CLOEXEC, 0);
  if (control < 0) return control;
  const event = attempt('eventfd2', 0, O.CLOEXEC | O.NONBLOCK);
  const text = `${event} ${fd}`;
  const written = event < 0 ? event : attempt('write', control, text, text.length);
  attempt('close', control);
  if (written >= 0) return event;
  if (event >= 0) attempt('close', event);
  return written;
}

/** As LoopOptions has it. */
export function tellMemory(state: MonitorState, told: number, isEnded: boolean): number {
  return isEnded ? tellEnded(state, told) : tellRunning(state, told);
}

function tellEnded(state: MonitorState, told: number): number {
  const counter = openCounter(state.cgroups);
  if (counter === undefined) return 0;
  const kills = killsOf(counter.fd);
  attempt('close', counter.fd);
  if (kills > Math.max(told, 0)) tell(state);
  return kills;
}

function tellRunning(state: MonitorState, told: number): number {
  const { fd = -1, events } = state.memory ?? {};
  if (events === POLL.IN) return takeEvent(state, fd);
  // Reaching a limit comes likewise.
  const kills = killsOf(fd);
  if (kills > told) tell(state);
  return kills;
}

/** The removal of the cgroup comes likewise. */
function takeEvent(state: MonitorState, fd: number): number {
  attempt('read', fd, new BigUint64Array(1), 8);
  const counter = openCounter(state.cgroups);
  if (counter === undefined) return -1;
  attempt('close', counter.fd);
  tell(state);
  // The kills that it announces are still to come.
  return Number.MAX_SAFE_INTEGER;
}
