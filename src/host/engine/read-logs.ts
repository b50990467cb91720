import { attempt, sys } from '../kernel/call.ts';
import { O, POLL } from '../kernel/constants.ts';
import { Fd } from '../kernel/files.ts';
import type { MonitorConnection } from '../monitor/connect-monitor.ts';
import { jsonOf, PACKET, type Exited } from '../monitor/packets.ts';
import type { Places } from '../monitor/places.ts';
import { pollOnce } from '../monitor/poll.ts';
import { connectContainer } from './connect-container.ts';
import { openContainer } from './container-status.ts';
import { engineError } from './errors.ts';
import { LogFiles } from './logs/log-files.ts';
import type { LogLine } from './logs/parse-log.ts';
import { readTail } from './logs/read-tail.ts';

export type { LogLine };

export interface LogRequest {
  /** Whether to go on until the container ends. */
  readonly isFollowed: boolean;
  /** How many of the last lines; all if undefined. */
  readonly tail: number | undefined;
  /** Milliseconds since 1970: only lines from this moment on. */
  readonly since: number | undefined;
  /** Only lines to this moment, at which a log is followed no longer. */
  readonly until: number | undefined;
}

/** Gives a container's log lines to `take`, oldest first. */
export function readLogs(places: Places, request: LogRequest, take: (line: LogLine) => void): void {
  using directory = openContainer(places);
  if (directory === undefined) {
    throw engineError('ENGINE_CONTAINER_NOT_RUNNING', `The container ${places.name} was never started`);
  }
  // Before the first look: what is written after it must not be missed.
  using changes = request.isFollowed ? watchDirectory(places.directory) : undefined;
  using connection = request.isFollowed ? connectContainer(directory) : undefined;
  using files = new LogFiles(directory.number);
  // In the form of the log itself, so that both compare as texts.
  const [since, until] = [request.since, request.until].map(textOf);
  const takeWanted = (line: LogLine): void => {
    if ((since === undefined || line.time >= since) && (until === undefined || line.time <= until))
      take(line);
  };
  if (request.tail === undefined) files.read(takeWanted);
  else for (const line of readTail(files, request.tail)) takeWanted(line);
  if (changes === undefined || connection === undefined) return;
  follow({ changes, connection, until: request.until }, () => files.read(takeWanted));
}

function textOf(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined
    ? undefined
    : new Date(milliseconds).toISOString().replace(/Z$/, '000000Z');
}

/** include/uapi/linux/inotify.h */
const IN_MODIFY = 2;
const IN_CREATE = 0x100;

function watchDirectory(path: string): Fd {
  const changes = new Fd(sys('inotify_init1', O.CLOEXEC | O.NONBLOCK));
  sys('inotify_add_watch', changes.number, path, IN_MODIFY | IN_CREATE);
  return changes;
}

function isLastEnd(packet: Uint8Array): boolean {
  return jsonOf<Exited>(packet, packet.length).isRestarting !== true;
}

interface Following {
  readonly changes: Fd;
  readonly connection: MonitorConnection;
  readonly until: number | undefined;
}

/** Milliseconds that poll(2) takes at most. */
const LONGEST_WAIT = 0x7fffffff;

/** Reads on at every change, and a last time when the monitor says that the container ended, or is gone. */
function follow({ changes, connection, until }: Following, read: () => void): void {
  const events = new Uint8Array(4096);
  let isOver = false;
  const listen = (): void => {
    const packet = connection.receive();
    if (packet === undefined) return;
    isOver = packet.length === 0 || (packet[0] === PACKET.EXITED && isLastEnd(packet));
  };
  const drain = (): void => {
    while (attempt('read', changes.number, events, events.length) > 0);
  };
  while (!isOver) {
    const left = until === undefined ? -1 : Math.min(LONGEST_WAIT, Math.max(0, until - Date.now()));
    if (left === 0) return;
    pollOnce(
      [
        { fd: changes.number, events: POLL.IN, ready: drain },
        { fd: connection.fd, events: POLL.IN, ready: listen },
      ],
      left,
    );
    read();
  }
}
