import { findContainer } from '../../engine/find-container.ts';
import { readLogs, type LogLine } from '../../engine/read-logs.ts';
import { attempt, SysError } from '../../kernel/call.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { encode } from '../../kernel/files.ts';
import { momentOf } from '../moment.ts';
import type { Options } from '../options.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'logs [flags] CONTAINER',
  summary: 'Shows what a container has written, on the streams on which it did.',
  flags: {
    follow: { kind: 'switch', short: 'f', help: 'go on until the container ends' },
    tail: { kind: 'text', short: 'n', value: 'NUMBER', help: 'the last lines alone; all unless given' },
    timestamps: { kind: 'switch', short: 't', help: 'with the time before each line' },
    since: { kind: 'text', value: 'TIME', help: 'from then on: a date and time, or an age such as 10m' },
    until: { kind: 'text', value: 'TIME', help: 'to then, and no longer' },
    details: { kind: 'switch', help: 'with what the log tells of the container, which is nothing so far' },
    names: { kind: 'switch', help: "with the container's name before each line" },
  },
} as const;

const EINTR = -4;
const BUFFER = 1 << 16;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const places = findContainer(roots, onlyWord(options, 'container'));
  const isFollowed = options.isOn('follow');
  using output = new Output(isFollowed);
  const hasTime = options.isOn('timestamps');
  // As docker has it: what the log tells of the container, and a blank.
  const before = `${options.isOn('names') ? `${places.name} ` : ''}${options.isOn('details') ? ' ' : ''}`;
  const midLine = new Set<LogLine['stream']>();
  const now = Date.now();
  const moment = (flag: 'since' | 'until'): number | undefined => {
    const text = options.text(flag);
    return text === undefined ? undefined : momentOf(flag, text, now);
  };
  const request = { isFollowed, tail: tailFrom(options), since: moment('since'), until: moment('until') };
  readLogs(places, request, (line: LogLine) => {
    const fd = line.stream === 'stderr' ? 2 : 1;
    const start = `${before}${hasTime ? `${line.time} ` : ''}`;
    if (start !== '' && !midLine.has(line.stream)) output.write(fd, encode(start));
    output.write(fd, line.content);
    if (line.isWhole) midLine.delete(line.stream);
    else midLine.add(line.stream);
  });
  return 0;
}

function tailFrom(options: Options): number | undefined {
  const text = options.text('tail');
  if (text === undefined || text === 'all') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`The flag --tail takes a number of lines or all, not "${text}"`);
}

/** Gathers what goes to one stream, so that a line isn't a call; with `isEager` nothing waits. */
class Output {
  readonly #isEager: boolean;
  readonly #buffer = new Uint8Array(BUFFER);
  #length = 0;
  #fd = 1;

  constructor(isEager: boolean) {
    this.#isEager = isEager;
  }

  write(fd: number, content: Uint8Array): void {
    if (fd !== this.#fd || this.#length + content.length > BUFFER) this.#flush();
    this.#fd = fd;
    if (content.length > BUFFER) return writeOut(fd, content);
    this.#length = copy(this.#buffer, this.#length, content);
    if (this.#isEager) this.#flush();
  }

  #flush(): void {
    writeOut(this.#fd, this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  [Symbol.dispose](): void {
    this.#flush();
  }
}

function writeOut(fd: number, content: Uint8Array): void {
  for (let at = 0; at < content.length;) {
    const count = attempt('write', fd, content.subarray(at), content.length - at);
    if (count < 0 && count !== EINTR)
      throw new SysError('write', -count, fd === 2 ? 'standard error' : 'standard output');
    at += Math.max(0, count);
  }
}
