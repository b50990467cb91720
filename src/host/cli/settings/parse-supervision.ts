import type { HealthWish, RestartSetting } from '../../engine/run-settings.ts';
import { attempt } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import type { LogOptions } from '../../monitor/supervision.ts';
import { toBytes } from '../binary-size.ts';
import { usageError } from '../corten-context.ts';
import type { Options } from '../options.ts';
import { durationOf, integerOf, isDefined, pairOf } from './values.ts';

const X_OK = 1;
const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const DEFAULT_LOG: LogOptions = { driver: 'k8s-file', maxSize: 10 << 20, maxFiles: 3 };

/** `no`, `always`, `unless-stopped`, `on-failure` and `on-failure:MOST`. */
export function parseRestart(text: string | undefined): RestartSetting | undefined {
  if (text === undefined || text === 'no' || text === '') return undefined;
  const [, name, most] = /^(always|unless-stopped|on-failure)(?::(\d{1,9}))?$/.exec(text) ?? [];
  const isCounted = most === undefined || name === 'on-failure';
  if (name !== undefined && isCounted)
    return { name: name as RestartSetting['name'], most: Number(most ?? 0) };
  throw usageError(
    `The flag --restart takes no, always, unless-stopped or on-failure with :MOST behind, not "${text}"`,
  );
}

export function parseHealth(options: Options): HealthWish | undefined {
  const command = options.text('health-cmd');
  const isOff = options.isOn('no-healthcheck') || command === 'none';
  const wish = isDefined<HealthWish>({
    test: isOff ? ['NONE'] : command === undefined ? undefined : testOf(command),
    interval: durationOf(options, 'health-interval'),
    timeout: durationOf(options, 'health-timeout'),
    startPeriod: durationOf(options, 'health-start-period'),
    startInterval: durationOf(options, 'health-start-interval'),
    retries: integerOf(options, 'health-retries', [0, 1e6]),
  });
  if (Object.keys(wish).length === 0) return undefined;
  if (options.isOn('no-healthcheck') && Object.keys(wish).length > 1)
    throw usageError('The flag --no-healthcheck goes with no other flag of health checks');
  return wish;
}

/** A JSON list is a program with its arguments, as podman has it; anything else is for a shell. */
function testOf(command: string): readonly string[] {
  if (!command.startsWith('[')) return ['CMD-SHELL', command];
  try {
    const list: unknown = JSON.parse(command);
    const isList = Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string');
    if (isList) return list[0] === 'CMD' || list[0] === 'CMD-SHELL' ? list : ['CMD', ...(list as string[])];
  } catch {
    return ['CMD-SHELL', command];
  }
  return ['CMD-SHELL', command];
}

const DRIVERS: ReadonlyMap<string, LogOptions['driver']> = new Map([
  ['k8s-file', 'k8s-file'],
  ['local', 'k8s-file'],
  ['json-file', 'json-file'],
  ['none', 'none'],
]);

export function parseLog(options: Options): LogOptions | undefined {
  const name = options.text('log-driver');
  const details = options.list('log-opt').map((one) => pairOf(one, 'log-opt'));
  if (name === undefined && details.length === 0) return undefined;
  const driver = DRIVERS.get(name ?? 'k8s-file');
  if (driver === undefined)
    throw usageError(
      `The log driver "${name}" is not supported by this version: give json-file, k8s-file or none`,
    );
  let log: LogOptions = { ...DEFAULT_LOG, driver };
  for (const [key, value] of details) log = { ...log, ...logDetail(key, value) };
  return log;
}

function logDetail(key: string, value: string): Partial<LogOptions> {
  if (key === 'max-size') {
    const bytes = toBytes(value);
    if (bytes === -1) return { maxSize: 0 };
    if (bytes !== undefined && bytes > 0) return { maxSize: bytes };
    throw usageError(
      `The option max-size of --log-opt takes a size such as 10m, or -1 for no limit, not "${value}"`,
    );
  }
  if (key === 'max-file') {
    if (/^[1-9]\d{0,3}$/.test(value)) return { maxFiles: Number(value) };
    throw usageError(`The option max-file of --log-opt takes a number from 1 on, not "${value}"`);
  }
  throw usageError(`The option "${key}" of --log-opt is unknown: give max-size or max-file`);
}

/** A path, or a name that is looked for where programs of the system are; our own runtime is undefined. */
export function parseRuntime(text: string | undefined): string | undefined {
  if (text === undefined || text === 'runt' || text === '') return undefined;
  if (text.startsWith('/')) {
    if (text.endsWith('/runt')) return undefined;
    if (isExecutable(text)) return text;
    throw usageError(`The runtime ${text} is no program that can be executed`);
  }
  const found = text.includes('/')
    ? undefined
    : DIRECTORIES.map((one) => `${one}/${text}`).find(isExecutable);
  if (found !== undefined) return found;
  throw usageError(
    `The runtime "${text}" is not found in ${DIRECTORIES.join(':')}: give runt, crun, runc or an absolute path`,
  );
}

function isExecutable(path: string): boolean {
  const directory = attempt('open', path, O.PATH | O.DIRECTORY | O.CLOEXEC, 0);
  if (directory >= 0) attempt('close', directory);
  return directory < 0 && attempt('access', path, X_OK) === 0;
}
