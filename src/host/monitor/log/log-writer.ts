import { attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, openAt, writeAll, type Fd } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { LOG_FILE } from '../places.ts';
import { rare } from '../rare.ts';
import type { LogOptions } from '../supervision.ts';
import { frameLines, Room, type Stretch } from './frame-lines.ts';
import { timestamp } from '../../kernel/clock.ts';

export type StreamName = 'stdout' | 'stderr';

const STANDARD: LogOptions = { driver: 'k8s-file', maxSize: 10 << 20, maxFiles: 3 };
const NEWLINE = 10;
/** Room for a prefix and a newline beside the longest piece of a line. */
const MARGIN = 256;

/**
 * What a container writes, in the CRI's text format unless asked otherwise: `TIME STREAM F LINE`, P for a piece of a
 * line. A file that is full becomes `.1`, that one `.2`, and so on to the last, which is dropped. The log never stops
 * a container: where it can't be written, it has a gap.
 */
export class LogWriter {
  readonly #directory: number;
  readonly #roomSize: number;
  readonly #options: LogOptions;
  #room: Room | undefined;
  #file: Fd | undefined;
  #size = 0;

  /** No stretch is longer than `chunk` bytes. */
  constructor(directory: number, chunk: number, options = STANDARD) {
    this.#directory = directory;
    this.#options = options;
    this.#roomSize = chunk + MARGIN;
  }

  write(stream: StreamName, stretch: Stretch): void {
    const { driver } = this.#options;
    if (driver === 'none') return;
    const time = timestamp();
    if (driver === 'json-file') return this.#append(rare().jsonLines(stretch, stream, time));
    const prefixes = { full: encode(`${time} ${stream} F `), partial: encode(`${time} ${stream} P `) };
    this.#room ??= new Room(this.#roomSize, (content) => this.#append(content));
    frameLines(stretch, prefixes, this.#room);
  }

  #append(content: Uint8Array): void {
    try {
      for (let rest = content; rest.length > 0;) {
        this.#file ??= this.#open();
        const fitting = this.#fitting(rest);
        if (fitting === 0) {
          this.#file = this.#rotate(this.#file);
          continue;
        }
        writeAll(this.#file.number, rest.subarray(0, fitting));
        this.#size += fitting;
        rest = rest.subarray(fitting);
      }
    } catch {
      // A full disk, most likely: the container's own streams go on.
      this.#file?.close();
      this.#file = undefined;
    }
  }

  /** How much of it the file still takes, in whole lines; a line that no file has room for has one of its own. */
  #fitting(content: Uint8Array): number {
    const { maxSize } = this.#options;
    const room = maxSize - this.#size;
    if (maxSize === 0 || content.length <= room) return content.length;
    const lines = room > 0 ? content.lastIndexOf(NEWLINE, room - 1) + 1 : 0;
    if (lines > 0 || this.#size > 0) return lines;
    const end = indexOf(content, NEWLINE, 0, content.length);
    return end < 0 ? content.length : end + 1;
  }

  #open(): Fd {
    const file = openAt(this.#directory, LOG_FILE, O.WRONLY | O.CREAT | O.APPEND | O.NOFOLLOW, 0o600);
    this.#size = statusOf(file.number).size;
    return file;
  }

  #rotate(full: Fd): Fd {
    full.close();
    const { maxFiles } = this.#options;
    // With one file alone it begins anew.
    if (maxFiles === 1) attempt('unlinkat', this.#directory, LOG_FILE, 0);
    for (let number = maxFiles - 1; number > 0; number--) {
      const from = number === 1 ? LOG_FILE : `${LOG_FILE}.${number - 1}`;
      attempt('renameat', this.#directory, from, this.#directory, `${LOG_FILE}.${number}`);
    }
    return this.#open();
  }
}
