import { LastLines } from './last-lines.ts';
import type { LogFiles } from './log-files.ts';
import type { LogLine } from './parse-log.ts';

/** Bytes that are read at first; four times as many where they don't hold all that is wanted. */
const FIRST = 65536;

/** The last `count` lines; no more of a log is read than these need. */
export function readTail(files: LogFiles, count: number, first = FIRST): readonly LogLine[] {
  for (let bytes = first; ; bytes *= 4) {
    const lines = lastOf(files, count, files.rewind(bytes));
    if (lines !== undefined) return lines;
  }
}

/** Undefined where a piece of one of the lines may be before what is read, which is a part. */
function lastOf(files: LogFiles, count: number, isPart: boolean): readonly LogLine[] | undefined {
  const last = new LastLines(count);
  const ended = new Set<LogLine['stream']>();
  const doubtful = new Set<LogLine>();
  files.read((line) => {
    if (!ended.has(line.stream)) doubtful.add(line);
    if (line.isWhole) ended.add(line.stream);
    last.add(line);
  });
  const lines = last.lines();
  if (!isPart || count === 0) return lines;
  return lines.length === 0 || lines.some((line) => doubtful.has(line)) ? undefined : lines;
}
