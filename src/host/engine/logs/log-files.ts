import { isSysError, retry, sys } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openAt, type Fd } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { LOG_FILE } from '../../monitor/places.ts';
import { LogParser, type LogLine } from './parse-log.ts';

const CHUNK = 65536;
/** include/uapi/linux/fs.h */
const SEEK_SET = 0;

/** A container's log files in order, oldest first; it can be read on after its end, as the file grows or is replaced. */
export class LogFiles {
  readonly #directory: number;
  readonly #buffer = new Uint8Array(CHUNK);
  #parser = new LogParser();
  #file: Fd | undefined;

  /** `directory` is the container's, open. */
  constructor(directory: number) {
    this.#directory = directory;
    this.rewind(Infinity);
  }

  /** Goes to the first line that begins among the last so many bytes; false if that is the first of all. */
  rewind(bytes: number): boolean {
    this.#close();
    let left = bytes;
    for (const file of this.#newestFirst()) {
      this.#close();
      this.#file = file;
      const { size } = statusOf(file.number);
      if (size > left) {
        sys('lseek', file.number, size - left - 1, SEEK_SET);
        this.#parser = new LogParser(true);
        return true;
      }
      left -= size;
    }
    this.#parser = new LogParser();
    return false;
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
    this.#close();
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
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
    for (const file of this.#newestFirst()) {
      if (statusOf(file.number).inode === inode) {
        file.close();
        return newer;
      }
      newer?.close();
      newer = file;
    }
    return newer;
  }

  /** Opens them one by one. */
  *#newestFirst(): Generator<Fd> {
    let missing = 0;
    // One may be missing for a moment, while all are renamed.
    for (let number = 0; missing < 2; number++) {
      const file = this.#open(number === 0 ? LOG_FILE : `${LOG_FILE}.${number}`);
      missing = file === undefined ? missing + 1 : 0;
      if (file !== undefined) yield file;
    }
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
