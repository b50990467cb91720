import { attempt, isSysError, retry, sys } from '../kernel/call.ts';
import { timestamp } from '../kernel/clock.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { encode, keptAfter, openAt, openFile, writeAll, type Fd } from '../kernel/files.ts';
import { statusAt, statusOf } from '../kernel/stat.ts';

/** In the folder of events: the newest records, and those before them. */
export const EVENTS_FILE = 'log';
export const OLDER_EVENTS_FILE = 'log.1';

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'secret' | 'pod' | 'system';

/** What happened, in docker's words (Engine API, SystemEvents). */
export interface NewEvent {
  readonly type: EventType;
  readonly action: string;
  readonly id: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One line of the file of events, as JSON. */
export interface EventRecord extends NewEvent {
  /** Counts all events of a store; none is left out. */
  readonly number: number;
  /** RFC 3339 with nanoseconds, in UTC. */
  readonly time: string;
}

/** Bytes of one file, of which there are two. */
const FILE_SIZE = 4 << 20;
/** No record is longer. */
const RECORD_SIZE = 65536;
const SEEK_SET = 0;
const NEWLINE = 10;

/** As appendEvents() for one. */
export function appendEvent(folder: string, event: NewEvent): void {
  appendEvents(folder, [event]);
}

/**
 * Puts events on record: the next numbers, at the end. Whoever does it holds the file's lock, so that numbers go up
 * in the order of the lines. Nothing fails because its event can't be written: then it has a gap.
 */
export function appendEvents(folder: string, events: readonly NewEvent[]): void {
  if (events.length === 0) return;
  try {
    using directory = openFolder(folder);
    append(directory.number, events);
  } catch (error) {
    if (!isSysError(error)) throw error;
  }
}

/** Made when its first event comes. */
export function openFolder(folder: string): Fd {
  const result = attempt('mkdir', folder, 0o700);
  if (result < 0 && result !== -17) sys('mkdir', folder, 0o700);
  return openFile(folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
}

function append(directory: number, events: readonly NewEvent[]): void {
  using file = lockNewest(directory);
  const { size } = statusOf(file.number);
  const last = lastOf(file.number, size);
  if (size < FILE_SIZE) return write(file, events, last ?? older(directory));
  sys('renameat', directory, EVENTS_FILE, directory, OLDER_EVENTS_FILE);
  using next = lockNewest(directory);
  const { size: begun } = statusOf(next.number);
  // Another command may have begun it.
  write(next, events, lastOf(next.number, begun) ?? last);
}

interface Last {
  readonly number: number;
  /** Whether the line is whole: one that a full disk cut is ended first. */
  readonly isWhole: boolean;
}

function write(file: Fd, events: readonly NewEvent[], last: Last | undefined): void {
  let number = last?.number ?? 0;
  const lines = events.flatMap((event) => {
    const line = `${JSON.stringify(recordOf(event, number + 1))}\n`;
    if (line.length * 3 >= RECORD_SIZE && encode(line).length >= RECORD_SIZE) return [];
    number++;
    return [line];
  });
  writeAll(file.number, encode(`${last?.isWhole === false ? '\n' : ''}${lines.join('')}`));
}

function recordOf({ type, action, id, attributes }: NewEvent, number: number): EventRecord {
  const record = { number, time: timestamp(), type, action, id };
  return attributes === undefined ? record : { ...record, attributes };
}

/** The file that has the name now, locked: one that was renamed while we waited is let go. */
function lockNewest(directory: number): Fd {
  for (;;) {
    const file = keptAfter(
      openAt(directory, EVENTS_FILE, O.RDWR | O.CREAT | O.APPEND | O.NOFOLLOW, 0o600),
      (opened) => void retry('flock', opened.number, LOCK.EX),
    );
    if (statusAt(directory, EVENTS_FILE)?.inode === statusOf(file.number).inode) return file;
    file.close();
  }
}

function older(directory: number): Last | undefined {
  const opened = attempt('openat', directory, OLDER_EVENTS_FILE, O.RDONLY | O.NOFOLLOW | O.CLOEXEC, 0);
  if (opened < 0) return undefined;
  try {
    const found = lastOf(opened, statusOf(opened).size);
    return found === undefined ? undefined : { ...found, isWhole: true };
  } finally {
    attempt('close', opened);
  }
}

/** The last record of a file; undefined where there is none. */
function lastOf(file: number, size: number): Last | undefined {
  // Most lines are short: what is read first is enough for nearly all.
  for (let length = 512; ; length *= 8) {
    const start = Math.max(0, size - length);
    const content = readFrom(file, start, size - start);
    const isWhole = content.at(-1) === NEWLINE;
    const lines = utf8(content, 0, content.length).split('\n');
    // What stands before the first newline may be a part of a line.
    const whole = start === 0 ? lines : lines.slice(1);
    const number = whole.map(numberOf).findLast((one) => one !== undefined);
    if (number !== undefined) return { number, isWhole };
    if (start === 0) return size === 0 ? undefined : { number: 0, isWhole };
  }
}

function numberOf(line: string): number | undefined {
  return parseEvent(line)?.number;
}

/** undefined for a line that a crash cut short. */
export function parseEvent(line: string): EventRecord | undefined {
  if (line === '') return undefined;
  try {
    const record = JSON.parse(line) as EventRecord;
    return typeof record.number === 'number' ? record : undefined;
  } catch {
    return undefined;
  }
}

function readFrom(file: number, start: number, length: number): Uint8Array {
  sys('lseek', file, start, SEEK_SET);
  const buffer = new Uint8Array(length);
  const count = length === 0 ? 0 : retry('read', file, buffer, length);
  return buffer.subarray(0, count);
}
