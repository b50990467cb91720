import { encode } from '../../kernel/files.ts';

/** One line of a container's log, be it of the CRI's text format (`TIME STREAM TAG TEXT`) or a JSON text. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, in UTC: compares as text. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** Whether the container ended the line; if not, the next of its stream goes on with it. */
  readonly isWhole: boolean;
  /** With the newline, if the container wrote one. */
  readonly content: Uint8Array;
}

const NEWLINE = 10;
const BLANK = 32;
const FULL = 0x46;
const LETTER_OF_STDERR = 4;
const BRACE = 0x7b;

/** As Docker's json-file driver writes it. */
interface JsonLine {
  readonly log: string;
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
}

/** Lines out of pieces of a log file, as they come. */
export class LogParser {
  #rest: Uint8Array = new Uint8Array(0);
  #isInLine: boolean;

  /** With `isInLine` the bytes begin somewhere in a line, of which nothing is given. */
  constructor(isInLine = false) {
    this.#isInLine = isInLine;
  }

  /** The lines that these bytes complete. */
  take(bytesRead: Uint8Array): readonly LogLine[] {
    const all = joined(this.#rest, bytesRead);
    const lines: LogLine[] = [];
    let at = 0;
    for (let end = indexOf(all, NEWLINE, at); end >= 0; end = indexOf(all, NEWLINE, at)) {
      const line = this.#isInLine ? undefined : parseLine(all, at, end);
      this.#isInLine = false;
      if (line !== undefined) lines.push(line);
      at = end + 1;
    }
    this.#rest = all.slice(at);
    return lines;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** What is no such line is left out: a machine that stopped while one was written leaves a part of it. */
function parseLine(buffer: Uint8Array, start: number, end: number): LogLine | undefined {
  if (buffer[start] === BRACE) return parseJsonLine(utf8(buffer, start, end));
  const first = indexOf(buffer, BLANK, start, end);
  const second = first < 0 ? -1 : indexOf(buffer, BLANK, first + 1, end);
  if (second < 0 || buffer[second + 2] !== BLANK) return undefined;
  const isWhole = buffer[second + 1] === FULL;
  return {
    time: utf8(buffer, start, first),
    stream: buffer[first + LETTER_OF_STDERR] === 'e'.charCodeAt(0) ? 'stderr' : 'stdout',
    isWhole,
    content: buffer.slice(second + 3, isWhole ? end + 1 : end),
  };
}

function parseJsonLine(text: string): LogLine | undefined {
  try {
    const { log, stream, time } = JSON.parse(text) as JsonLine;
    return { time, stream, isWhole: log.endsWith('\n'), content: encode(log) };
  } catch {
    return undefined;
  }
}
