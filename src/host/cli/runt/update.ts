import { CortenError } from '../../../pure/base/errors.ts';
import type { Json, JsonObject } from '../../../pure/base/json.ts';
import { readResources, updateContainer } from '../../runtime/update.ts';
import { toBytes } from '../binary-size.ts';
import type { Options } from '../options.ts';
import type { Log, RuntContext } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'update [flags] CONTAINER',
  flagPlace: 'anywhere',
  summary: 'Changes the limits of a container; what is not given stays as it is.',
  flags: {
    resources: {
      kind: 'text',
      short: 'r',
      value: 'FILE',
      help: 'the limits as the field linux.resources of a config.json, - for standard input',
    },
    'blkio-weight': { kind: 'text', value: 'N', help: 'share of block I/O, 10 to 1000' },
    'cpu-period': { kind: 'text', value: 'US', help: 'period of --cpu-quota, in microseconds' },
    'cpu-quota': { kind: 'text', value: 'US', help: 'CPU time in each period, -1 for no limit' },
    'cpu-burst': { kind: 'text', value: 'US', help: 'how much unused quota may pile up' },
    'cpu-share': { kind: 'text', value: 'N', help: 'share of CPU time against other containers' },
    'cpu-rt-period': { kind: 'text', value: 'US', help: 'period of --cpu-rt-runtime' },
    'cpu-rt-runtime': { kind: 'text', value: 'US', help: 'CPU time of realtime processes' },
    'cpu-idle': { kind: 'text', value: '0|1', help: '1 lets the container run on idle processors only' },
    'cpuset-cpus': { kind: 'text', value: 'LIST', help: 'processors to use, as 0-3,5' },
    'cpuset-mems': { kind: 'text', value: 'LIST', help: 'memory nodes to use' },
    memory: { kind: 'text', value: 'SIZE', help: 'limit on memory, as 512m; -1 for none' },
    'memory-reservation': { kind: 'text', value: 'SIZE', help: 'limit when memory runs short' },
    'memory-swap': { kind: 'text', value: 'SIZE', help: 'limit on memory and swap together; -1 for none' },
    'kernel-memory': { kind: 'text', value: 'SIZE', help: 'ignored: the kernel has no such limit any more' },
    'kernel-memory-tcp': { kind: 'text', value: 'SIZE', help: 'ignored likewise' },
    'pids-limit': { kind: 'text', value: 'N', help: 'how many processes, -1 for any number' },
    'l3-cache-schema': { kind: 'text', value: 'TEXT', help: 'refused: Intel RDT is not supported' },
    'mem-bw-schema': { kind: 'text', value: 'TEXT', help: 'refused likewise' },
  },
} as const;

/** Flag, section of linux.resources, and field in it. */
const NUMBERS: readonly (readonly [keyof typeof HELP.flags, string, string])[] = [
  ['blkio-weight', 'blockIO', 'weight'],
  ['cpu-period', 'cpu', 'period'],
  ['cpu-quota', 'cpu', 'quota'],
  ['cpu-burst', 'cpu', 'burst'],
  ['cpu-share', 'cpu', 'shares'],
  ['cpu-rt-period', 'cpu', 'realtimePeriod'],
  ['cpu-rt-runtime', 'cpu', 'realtimeRuntime'],
  ['cpu-idle', 'cpu', 'idle'],
  ['pids-limit', 'pids', 'limit'],
];
const SIZES: typeof NUMBERS = [
  ['memory', 'memory', 'limit'],
  ['memory-reservation', 'memory', 'reservation'],
  ['memory-swap', 'memory', 'swap'],
];
const TEXTS: typeof NUMBERS = [
  ['cpuset-cpus', 'cpu', 'cpus'],
  ['cpuset-mems', 'cpu', 'mems'],
];

export function main({ root, words, log }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const id = onlyWord(options, 'container id');
  checkFlags(options, log);
  const file = options.text('resources');
  const given = file === undefined ? {} : readResources(file);
  updateContainer(root, id, withFlags(given, options));
  return 0;
}

function checkFlags(options: Options, log: Log): void {
  for (const flag of ['l3-cache-schema', 'mem-bw-schema']) {
    if ((options.text(flag) ?? '') === '') continue;
    const text = `The flag --${flag} is not supported by this version: leave it out`;
    throw new CortenError('unimplemented', 'CLI_FLAG_UNSUPPORTED', text);
  }
  for (const flag of ['kernel-memory', 'kernel-memory-tcp']) {
    if (options.text(flag) !== undefined)
      log.warn(`The flag --${flag} is ignored: Linux has no such limit any more`);
  }
}

/** The document with the flags' values over its own. */
function withFlags(document: JsonObject, options: Options): JsonObject {
  const sections = new Map<string, JsonObject>();
  const put = (list: typeof NUMBERS, parse: (flag: string, text: string) => Json): void => {
    for (const [flag, section, field] of list) {
      const text = options.text(flag);
      if (text === undefined || text === '') continue;
      sections.set(section, { ...sectionOf(section), [field]: parse(flag, text) });
    }
  };
  const sectionOf = (section: string): JsonObject =>
    sections.get(section) ?? ((document[section] ?? {}) as JsonObject);
  put(NUMBERS, toNumber);
  put(SIZES, toSize);
  put(TEXTS, (_, text) => text);
  return { ...document, ...Object.fromEntries(sections) };
}

function toNumber(flag: string, text: string): Json {
  if (/^-?\d{1,20}$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  throw invalid(flag, `takes a whole number, not "${text}"`);
}

function toSize(flag: string, text: string): Json {
  const size = toBytes(text);
  if (size === undefined)
    throw invalid(flag, `takes a number with b, k, m or g after it, or -1, not "${text}"`);
  return size;
}

function invalid(flag: string, text: string): CortenError {
  return new CortenError('invalid_argument', 'CLI_FLAG_INVALID', `The flag --${flag} ${text}`);
}
