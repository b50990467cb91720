import { isSysError, retry } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openAt, type Fd } from '../../kernel/files.ts';
import { statusAt, statusOf } from '../../kernel/stat.ts';
import { EVENTS_FILE, OLDER_EVENTS_FILE, parseEvent, type EventRecord } from '../../monitor/events.ts';

const CHUNK = 65536;
const NEWLINE = 10;

/** The files of events, oldest first; they can be read on after their end, as they grow or are replaced. */
export class EventFiles {
  readonly #folder: number;
  readonly #buffer = new Uint8Array(CHUNK);
  #file: Fd | undefined;
  /** The beginning of a line whose end is not there yet. */
  #rest = new Uint8Array(0);
  /** The number of the last that was given. */
  #last = 0;

  /** `folder` is that of the events, open. */
  constructor(folder: number) {
    this.#folder = folder;
    this.#file = this.#open(OLDER_EVENTS_FILE) ?? this.#open(EVENTS_FILE);
  }

  /** Gives all records that are there now to `take`, each once. */
  read(take: (record: EventRecord) => void): void {
    this.#file ??= this.#open(EVENTS_FILE);
    while (this.#file !== undefined) {
      this.#readToEnd(this.#file, take);
      const newest = statusAt(this.#folder, EVENTS_FILE);
      if (newest === undefined || newest.inode === statusOf(this.#file.number).inode) return;
      // What was written between the two looks; nothing more comes into this file.
      this.#readToEnd(this.#file, take);
      this.#file.close();
      this.#rest = new Uint8Array(0);
      this.#file = this.#open(EVENTS_FILE);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }

  #readToEnd(file: Fd, take: (record: EventRecord) => void): void {
    for (;;) {
      const count = retry('read', file.number, this.#buffer, CHUNK);
      if (count === 0) return;
      const all = new Uint8Array(this.#rest.length + count);
      all.set(this.#rest);
      all.set(this.#buffer.subarray(0, count), this.#rest.length);
      this.#rest = all.slice(this.#giveLines(all, take));
    }
  }

  /** How many bytes whole lines took. */
  #giveLines(all: Uint8Array, take: (record: EventRecord) => void): number {
    let at = 0;
    for (let end = indexOf(all, NEWLINE, at); end >= 0; end = indexOf(all, NEWLINE, at)) {
      const record = parseEvent(utf8(all, at, end));
      at = end + 1;
      if (record === undefined || record.number <= this.#last) continue;
      this.#last = record.number;
      take(record);
    }
    return at;
  }

  #open(name: string): Fd | undefined {
    try {
      return openAt(this.#folder, name, O.RDONLY | O.NOFOLLOW);
    } catch (error) {
      if (isSysError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}
