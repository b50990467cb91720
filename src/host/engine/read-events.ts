import { attempt, sys } from '../kernel/call.ts';
import { O, POLL } from '../kernel/constants.ts';
import { Fd, makeDirectories } from '../kernel/files.ts';
import { openFolder, type EventRecord } from '../monitor/events.ts';
import { pollOnce } from '../monitor/poll.ts';
import { EventFiles } from './events/event-files.ts';
import { EventNames, type NamedEvent } from './events/event-names.ts';
import { eventsFolder, type Roots } from './roots.ts';

export type { NamedEvent };

export interface EventsRequest {
  /** Milliseconds since 1970 from which on events are told; only new ones if undefined. */
  readonly since: number | undefined;
  /** Until when; for ever if undefined. */
  readonly until: number | undefined;
}

/** include/uapi/linux/inotify.h */
const IN_MODIFY = 2;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const PRIVATE = 0o700;
/** Milliseconds that poll(2) takes at most. */
const LONGEST_WAIT = 0x7fffffff;

/** Tells events in their order, those on record and then each that comes, until the request's end. */
export function readEvents(
  roots: Roots,
  { since, until }: EventsRequest,
  take: (event: NamedEvent) => void,
): void {
  const begun = Date.now();
  makeDirectories(roots.store, PRIVATE);
  using folder = openFolder(eventsFolder(roots));
  // Before the first look: what comes after it must not be missed.
  using changes = watch(eventsFolder(roots));
  using files = new EventFiles(folder.number);
  const names = new EventNames(roots);
  const tell = (record: EventRecord, isNew: boolean): void => {
    const named = names.name(record);
    const time = Date.parse(record.time);
    const isWanted = since === undefined ? isNew : time >= since;
    if (isWanted && (until === undefined || time <= until)) take(named);
  };
  files.read((record) => tell(record, false));
  if (until !== undefined && until <= begun) return;
  for (;;) {
    const left = until === undefined ? -1 : Math.min(LONGEST_WAIT, until - Date.now());
    if (until !== undefined && left <= 0) return;
    pollOnce([{ fd: changes.number, events: POLL.IN, ready: () => drain(changes) }], left);
    files.read((record) => tell(record, true));
  }
}

function watch(path: string): Fd {
  const changes = new Fd(sys('inotify_init1', O.CLOEXEC | O.NONBLOCK));
  sys('inotify_add_watch', changes.number, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
  return changes;
}

function drain(changes: Fd): void {
  const buffer = new Uint8Array(4096);
  while (attempt('read', changes.number, buffer, buffer.length) > 0);
}
