import type { BlkioDevice, Limits } from '../../engine/run-request.ts';
import { attempt } from '../../kernel/call.ts';
import { toBytes } from '../binary-size.ts';
import { usageError } from '../corten-context.ts';
import { printError } from '../runt-context.ts';
import type { Options } from '../options.ts';
import { integerOf, isDefined } from './values.ts';

/** There only where cgroup v2 has the controllers. */
const UNIFIED = '/sys/fs/cgroup/cgroup.controllers';
const LEAST_WEIGHT = 10;
const LISTS = /^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*$/;
const RULE = /^[abc] (?:\d{1,9}|\*):(?:\d{1,9}|\*) [rwm]{1,3}$/;

/** The limits of --memory, --cpus and --pids-limit with what all others ask for. Zero is no limit, as with Docker. */
export function withMoreLimits(basic: Limits, options: Options): Limits {
  const limits = isDefined<Limits>({
    ...basic,
    memoryReservation: sizeOf(options, 'memory-reservation'),
    memorySwap: sizeOf(options, 'memory-swap'),
    memorySwappiness: swappinessOf(options),
    isOomKillDisabled: isOomKillDisabled(options) || undefined,
    cpuShares: integerOf(options, 'cpu-shares', [0, 262144]) || undefined,
    cpuPeriod: integerOf(options, 'cpu-period', [0, 1_000_000]) || undefined,
    cpuQuota: integerOf(options, 'cpu-quota', [-1, 2 ** 40]) || undefined,
    cpuRtPeriod: integerOf(options, 'cpu-rt-period', [0, 2 ** 40]) || undefined,
    cpuRtRuntime: integerOf(options, 'cpu-rt-runtime', [0, 2 ** 40]) || undefined,
    cpusetCpus: setOf(options, 'cpuset-cpus'),
    cpusetMems: setOf(options, 'cpuset-mems'),
    blkioWeight: weightOf(options),
    blkioDevices: devicesOf(options),
    deviceRules: rulesOf(options),
  });
  check(limits);
  return limits;
}

/** What Docker refuses too: the kernel would, with less to say. */
function check({ memory, memoryReservation, memorySwap, nanoCpus, cpuPeriod, cpuQuota }: Limits): void {
  if (memorySwap !== undefined && memorySwap > 0) {
    if (memory === undefined)
      throw usageError('The flag --memory-swap is of memory and swap together: give --memory too');
    if (memorySwap < memory) throw usageError('The flag --memory-swap must not be below --memory');
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory)
    throw usageError('The flag --memory-reservation must not be above --memory');
  if (nanoCpus !== undefined && (cpuPeriod !== undefined || cpuQuota !== undefined))
    throw usageError(
      'The flag --cpus says the same as --cpu-period and --cpu-quota: give the one or the others',
    );
}

/** Passed over where the kernel has no such thing, as Docker does it. */
function isOomKillDisabled(options: Options): boolean {
  if (!options.isOn('oom-kill-disable')) return false;
  if (attempt('access', UNIFIED, 0) !== 0) return true;
  printError(
    'corten: The flag --oom-kill-disable means nothing here: cgroup v2 always kills when memory is used up\n',
  );
  return false;
}

function sizeOf(options: Options, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined || text === '0') return undefined;
  const bytes = toBytes(text);
  if (bytes !== undefined && (bytes > 0 || (bytes === -1 && name === 'memory-swap'))) return bytes;
  throw usageError(`The flag --${name} takes a number with b, k, m or g after it, not "${text}"`);
}

function weightOf(options: Options): number | undefined {
  const weight = integerOf(options, 'blkio-weight', [0, 1000]);
  if (weight === undefined || weight === 0) return undefined;
  if (weight >= LEAST_WEIGHT) return weight;
  throw usageError(`The flag --blkio-weight takes a number from ${LEAST_WEIGHT} to 1000, not "${weight}"`);
}

/** -1 is the host's own. */
function swappinessOf(options: Options): number | undefined {
  const value = integerOf(options, 'memory-swappiness', [-1, 100]);
  return value === -1 ? undefined : value;
}

function setOf(options: Options, name: string): string | undefined {
  const text = options.text(name);
  if (text === undefined || text === '') return undefined;
  if (LISTS.test(text)) return text;
  throw usageError(`The flag --${name} takes numbers and ranges such as 0-3,8, not "${text}"`);
}

const KINDS: readonly (readonly [flag: string, kind: BlkioDevice['kind']])[] = [
  ['blkio-weight-device', 'weight'],
  ['device-read-bps', 'read-bps'],
  ['device-write-bps', 'write-bps'],
  ['device-read-iops', 'read-iops'],
  ['device-write-iops', 'write-iops'],
];

function devicesOf(options: Options): readonly BlkioDevice[] | undefined {
  const devices = KINDS.flatMap(([flag, kind]) =>
    options.list(flag).map((text) => deviceOf(text, flag, kind)),
  );
  return devices.length === 0 ? undefined : devices;
}

function deviceOf(text: string, flag: string, kind: BlkioDevice['kind']): BlkioDevice {
  const colon = text.lastIndexOf(':');
  const path = text.slice(0, colon);
  const number = text.slice(colon + 1);
  const value = kind.endsWith('bps')
    ? (toBytes(number) ?? -1)
    : /^\d{1,12}$/.test(number)
      ? Number(number)
      : -1;
  if (path.startsWith('/dev/') && value >= 0) return { kind, path, value };
  throw usageError(`The flag --${flag} takes a device of /dev and a number after a colon, not "${text}"`);
}

function rulesOf(options: Options): readonly string[] | undefined {
  const rules = options.list('device-cgroup-rule');
  const wrong = rules.find((rule) => !RULE.test(rule));
  if (wrong !== undefined)
    throw usageError(`The flag --device-cgroup-rule takes a rule such as "c 10:* rwm", not "${wrong}"`);
  return rules.length === 0 ? undefined : rules;
}
