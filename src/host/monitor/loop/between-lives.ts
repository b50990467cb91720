import { monotonicMs, timestamp } from '../../kernel/clock.ts';
import { attempt } from '../../kernel/call.ts';
import { WNOHANG } from '../../kernel/constants.ts';
import { exitCode } from '../../kernel/process.ts';
import type { Supervision } from '../supervision.ts';
import { appendRecord } from '../journal.ts';
import type { Watch } from '../poll.ts';
import { jsonPacket, PACKET, type Exited } from '../packets.ts';
import type { Client } from './client.ts';
import { takeEnd } from './open-end.ts';
import type { ClientState, LastingState, MonitorState, Output, Wish } from './state.ts';
import type { StandardInput } from './stdin.ts';

/** Until the first of these moments, 0 for one that is past; -1 where there is none. */
export function millisecondsUntil(moments: readonly (number | undefined)[]): number {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? -1 : Math.max(0, Math.ceil(Math.min(...known) - monotonicMs()));
}

/** As the next life has to know it: the time that the program has had is gone. */
function remainingOf(
  supervision: Supervision | undefined,
  timeout: number | undefined,
): Supervision | undefined {
  if (timeout === undefined || supervision === undefined) return supervision;
  return { ...supervision, timeout: Math.max(0, timeout - monotonicMs()) };
}

/** What belongs to a program that has ended, before it is started again. */
export function closeStreams(
  { hasTerminal, pidfd }: MonitorState,
  outputs: readonly Output[],
  stdin: StandardInput | undefined,
): void {
  for (const { fd } of outputs) attempt('close', fd);
  // A terminal is one descriptor for both.
  if (!hasTerminal && stdin?.isOpen === true) attempt('close', stdin.fd);
  attempt('close', pidfd);
}

/** `told` is below 0 where nothing comes any more. */
export function memoryWatches({ memory }: MonitorState, told: number, ready: () => void): readonly Watch[] {
  return memory === undefined || told < 0 ? [] : [{ ...memory, ready }];
}

export function exitedOf(code: number, isRestarting: boolean, isOomKilled: boolean): Exited {
  return { code, ...(isRestarting ? { isRestarting } : {}), ...(isOomKilled ? { isOomKilled } : {}) };
}

/** On the disk before anybody hears of it; of a container that goes with its end nothing is kept. */
export function recordExit({ directory, isAutoRemove }: MonitorState, exited: Exited): void {
  if (!isAutoRemove) appendRecord(directory, { event: 'exited', time: timestamp(), ...exited }, true);
}

/** What the small program of the second life goes on with. */
export function smallOf(state: MonitorState, live: Live): MonitorState {
  const { outputs, stdin, clients, timeout, wish } = live;
  const supervision = remainingOf(live.supervision, timeout);
  return {
    ...state,
    ...(supervision === undefined ? {} : { supervision }),
    ...(wish === undefined ? {} : { wish }),
    outputs,
    stdin: stdin?.isOpen === true ? stdin.fd : undefined,
    clients: statesOf(clients),
  };
}

/** What there is at a time. */
interface Live {
  readonly outputs: readonly Output[];
  readonly stdin: StandardInput | undefined;
  readonly clients: readonly Client[];
  readonly timeout: number | undefined;
  readonly supervision: Supervision | undefined;
  readonly wish: Wish | undefined;
}

export function tellExited(clients: readonly Client[], exited: Exited): void {
  for (const client of clients) client.send(jsonPacket(PACKET.EXITED, exited));
}

/** What stays when the container is started again. */
export function lastingOf(
  { places, directory, listener }: MonitorState,
  supervision: Supervision | undefined,
  clients: readonly Client[],
): LastingState {
  const lasting = { places, directory, listener, clients: statesOf(clients) };
  return supervision === undefined ? lasting : { ...lasting, supervision };
}

/** Without those who left in this very turn: what the next life opens gets their descriptors' numbers. */
function statesOf(clients: readonly Client[]): readonly ClientState[] {
  return clients
    .filter(({ isGone }) => !isGone)
    .map(({ fd, isAttached, isStdin }) => ({ fd, isAttached, isStdin }));
}

/** The exit code, once the program has ended. */
export function codeOfEnded({ pid, pidfd }: MonitorState): number | undefined {
  const status = new Uint32Array(1);
  takeEnd(pidfd);
  return attempt('wait4', pid, status, WNOHANG, null) === pid ? exitCode(status[0] ?? 0) : undefined;
}
