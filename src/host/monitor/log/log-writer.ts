import { attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { encode, openAt, status, writeAll, type Fd } from '../../kernel/files.ts';
import { LOG_FILE } from '../places.ts';
import type { LogOptions } from '../supervision.ts';
import { frameLines, Room, type Stretch } from './frame-lines.ts';
import { jsonLines } from './json-lines.ts';
import { timestamp } from '../../kernel/clock.ts';

export type StreamName = 'stdout' | 'stderr';

const STANDARD: LogOptions = { driver: 'k8s-file', maxSize: 10 << 20, maxFiles: 3 };
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
    if (driver === 'json-file') return this.#append(jsonLines(stretch, stream, time));
    const prefixes = { full: encode(`${time} ${stream} F `), partial: encode(`${time} ${stream} P `) };
    this.#room ??= new Room(this.#roomSize, (content) => this.#append(content));
    frameLines(stretch, prefixes, this.#room);
  }

  #append(content: Uint8Array): void {
    try {
      this.#file ??= this.#open();
      const { maxSize } = this.#options;
      if (maxSize > 0 && this.#size >= maxSize) this.#file = this.#rotate(this.#file);
      writeAll(this.#file.number, content);
      this.#size += content.length;
    } catch {
      // A full disk, most likely: the container's own streams go on.
      this.#file?.close();
      this.#file = undefined;
    }
  }

  #open(): Fd {
    const file = openAt(this.#directory, LOG_FILE, O.WRONLY | O.CREAT | O.APPEND | O.NOFOLLOW, 0o600);
    this.#size = status(file.number).size;
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
