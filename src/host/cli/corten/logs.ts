import { findContainer } from '../../engine/find-container.ts';
import { readLogs, type LogLine } from '../../engine/read-logs.ts';
import { attempt, SysError } from '../../kernel/call.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { encode } from '../../kernel/files.ts';
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
  const midLine = new Set<LogLine['stream']>();
  readLogs(places, { isFollowed, tail: tailFrom(options), since: sinceFrom(options) }, (line: LogLine) => {
    const fd = line.stream === 'stderr' ? 2 : 1;
    if (hasTime && !midLine.has(line.stream)) output.write(fd, encode(`${line.time} `));
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

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** In the form of the log itself, so that both compare as texts. */
function sinceFrom(options: Options): string | undefined {
  const text = options.text('since');
  if (text === undefined) return undefined;
  const ages = [...text.matchAll(/(\d{1,9})([smh])/g)];
  const isAge = ages.length > 0 && ages.map(([part]) => part).join('') === text;
  const seconds = ages.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (SECONDS.get(unit ?? '') ?? 0),
    0,
  );
  const moment = isAge ? Date.now() - seconds * 1000 : Date.parse(text);
  if (!Number.isNaN(moment)) return new Date(moment).toISOString().replace(/Z$/, '000000Z');
  throw usageError(
    `The flag --since takes a time such as 2026-01-31T12:00:00Z or an age such as 10m, not "${text}"`,
  );
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
