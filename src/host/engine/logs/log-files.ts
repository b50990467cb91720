import { isSysError, retry } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openAt, type Fd } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { LOG_FILE } from '../../monitor/places.ts';
import { LogParser, type LogLine } from './parse-log.ts';

const CHUNK = 65536;

/** A container's log files in order, oldest first; it can be read on after its end, as the file grows or is replaced. */
export class LogFiles {
  readonly #directory: number;
  readonly #buffer = new Uint8Array(CHUNK);
  readonly #parser = new LogParser();
  #file: Fd | undefined;

  /** `directory` is the container's, open. */
  constructor(directory: number) {
    this.#directory = directory;
    this.#file = this.#open(`${LOG_FILE}.2`) ?? this.#open(`${LOG_FILE}.1`) ?? this.#open(LOG_FILE);
  }

  /** Gives all lines that are there now to `take`. */
  read(take: (line: LogLine) => void): void {
    this.#file ??= this.#open(LOG_FILE);
    while (this.#file !== undefined) {
      this.#readToEnd(this.#file, take);
      const newer = this.#newerThan(this.#file);
      if (newer === undefined) return;
      // What was written between the two looks; nothing more comes into this file.
      this.#readToEnd(this.#file, take);
      this.#file.close();
      this.#file = newer;
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }

  #readToEnd(file: Fd, take: (line: LogLine) => void): void {
    for (;;) {
      const count = retry('read', file.number, this.#buffer, CHUNK);
      if (count === 0) return;
      for (const line of this.#parser.take(this.#buffer.subarray(0, count))) take(line);
    }
  }

  /** The file that follows; undefined if this is the last. One that is rotated away is followed by the oldest. */
  #newerThan(current: Fd): Fd | undefined {
    const { inode } = statusOf(current.number);
    let newer: Fd | undefined;
    for (const name of [LOG_FILE, `${LOG_FILE}.1`, `${LOG_FILE}.2`]) {
      const file = this.#open(name);
      if (file === undefined) continue;
      if (statusOf(file.number).inode === inode) {
        file.close();
        return newer;
      }
      newer?.close();
      newer = file;
    }
    return newer;
  }

  #open(name: string): Fd | undefined {
    try {
      return openAt(this.#directory, name, O.RDONLY | O.NOFOLLOW);
    } catch (error) {
      if (isSysError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}
