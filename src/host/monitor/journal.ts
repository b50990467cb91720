import { fits, type Shape } from '../../pure/base/shape.ts';
import { isSysError, sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { encode, openAt, readAll, replaceDurably, writeAll } from '../kernel/files.ts';
import { statusAt } from '../kernel/stat.ts';
import { JOURNAL_FILE } from './places.ts';

/** What happened to a container, one JSON text a line. Times are RFC 3339. */
export type JournalRecord =
  | {
      readonly event: 'created';
      readonly time: string;
      readonly name: string;
      readonly image: string;
      readonly command: string;
    }
  | {
      readonly event: 'started';
      readonly time: string;
      readonly pid: number;
      readonly startTime: string;
      /** Published ports as `ps` shows them. */
      readonly ports?: string;
      /** How often its restart policy has started it again. */
      readonly restarts?: number;
    }
  | {
      readonly event: 'exited';
      readonly time: string;
      readonly code: number;
      /** Whether the monitor starts it again. */
      readonly isRestarting?: boolean;
      /** Whether the kernel killed one of its programs for want of memory. */
      readonly isOomKilled?: boolean;
    }
  /** Somebody asked for its end, so that no policy starts it again. */
  | { readonly event: 'stopped'; readonly time: string }
  /** What checks of its health show has changed. */
  | {
      readonly event: 'health';
      readonly time: string;
      readonly status: 'starting' | 'healthy' | 'unhealthy';
    }
  /** It could not be started, or the monitor ended by a fault of its own. */
  | { readonly event: 'failed'; readonly time: string; readonly message: string };

export type CreatedRecord = Extract<JournalRecord, { event: 'created' }>;
export type StartedRecord = Extract<JournalRecord, { event: 'started' }>;
export type ExitedRecord = Extract<JournalRecord, { event: 'exited' }>;
export type FailedRecord = Extract<JournalRecord, { event: 'failed' }>;

/** The journal as far as it goes: what follows the last start, beside that and the creation. */
export interface Journal {
  readonly created?: CreatedRecord;
  readonly started?: StartedRecord;
  readonly exited?: ExitedRecord;
  readonly failed?: FailedRecord;
  readonly isStopped?: boolean;
  /** The last change of it. */
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
}

type Draft = { -readonly [Key in keyof Journal]: Journal[Key] };

const LIMIT = 16 << 20;
/** Bytes from which on a journal is made shorter before the next start. */
const LONG = 256 << 10;

/** Appends one record; a durable one is on the disk when this returns. */
export function appendRecord(directory: number, record: JournalRecord, isDurable: boolean): void {
  using file = openAt(directory, JOURNAL_FILE, O.WRONLY | O.CREAT | O.APPEND | O.NOFOLLOW, 0o600);
  writeAll(file.number, encode(`${JSON.stringify(record)}\n`));
  if (isDurable) sys('fdatasync', file.number);
}

/** Empty where there is no journal. */
export function readJournal(directory: number): Journal {
  const journal: Draft = {};
  for (const line of readLines(directory)) {
    const record = parseRecord(line);
    if (record !== undefined) note(journal, record);
  }
  return journal;
}

/** Leaves of a long journal what readJournal() gives. For the one process that writes it; readers find either whole. */
export function compactJournal(path: string, directory: number): void {
  if ((statusAt(directory, JOURNAL_FILE)?.size ?? 0) < LONG) return;
  const { created, started, exited, failed } = readJournal(directory);
  const kept = [created, started, exited, failed].filter((record) => record !== undefined);
  replaceDurably(`${path}/${JOURNAL_FILE}`, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function note(journal: Draft, record: JournalRecord): void {
  switch (record.event) {
    case 'created':
      journal.created = record;
      return;
    case 'started':
      journal.started = record;
      delete journal.exited;
      delete journal.failed;
      delete journal.isStopped;
      delete journal.health;
      return;
    case 'exited':
      journal.exited = record;
      return;
    case 'failed':
      journal.failed = record;
      return;
    case 'health':
      journal.health = record.status;
      return;
    case 'stopped':
      journal.isStopped = true;
  }
}

function readLines(directory: number): readonly string[] {
  try {
    using file = openAt(directory, JOURNAL_FILE, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number, LIMIT);
    return utf8(content, 0, content.length).split('\n');
  } catch (error) {
    if (isSysError(error, 'ENOENT')) return [];
    throw error;
  }
}

const SHAPES: Readonly<Record<JournalRecord['event'], Shape>> = {
  created: { time: '', name: '', image: '', command: '' },
  started: { time: '', pid: 0, startTime: '' },
  exited: { time: '', code: 0 },
  failed: { time: '', message: '' },
  health: { time: '', status: '' },
  stopped: { time: '' },
};

function isRecord(value: unknown): value is JournalRecord {
  if (!fits(value, { event: '' })) return false;
  const { event } = value as JournalRecord;
  return Object.hasOwn(SHAPES, event) && fits(value, SHAPES[event]);
}

/** A machine that stopped while a line was written leaves a part of it: that record never was. */
function parseRecord(line: string): JournalRecord | undefined {
  try {
    const record: unknown = line === '' ? undefined : JSON.parse(line);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}
