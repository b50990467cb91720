import type { Json, JsonObject } from '../../../pure/base/json.ts';
import type {
  CpuResources,
  DeviceRule,
  MemoryResources,
  RareResources,
  Resources,
} from '../../../pure/spec/runtime.ts';
import {
  isAbsent,
  isEmpty,
  optionalRecord,
  present,
  refuse,
  toBoolean,
  toInteger,
  toList,
  toNumber,
  toRecord,
  toText,
} from './fields.ts';

const RARE = ['blockIO', 'hugepageLimits', 'network', 'rdma', 'unified'];
const RARE_CHUNK = 'runtime/parse/rare-resources.chunk.js';
const DEVICE_NUMBER = [-1, 2 ** 31 - 1] as const;

/** config-linux.md#control-groups */
export function parseResources(value: Json | undefined, at: string): Resources {
  const record = optionalRecord(value, at);
  return {
    devices: toList(record['devices'], `${at}.devices`, parseDeviceRule),
    memory: parseMemory(record['memory'], `${at}.memory`),
    cpu: parseCpu(record['cpu'], `${at}.cpu`),
    pids: present<{ limit: number | bigint }>(optionalRecord(record['pids'], `${at}.pids`), `${at}.pids`, {
      limit: toInteger,
    }),
    ...(RARE.every((name) => isEmpty(record[name])) ? {} : parseRare(record, at)),
  };
}

function parseRare(record: JsonObject, at: string): RareResources {
  const chunk = load(RARE_CHUNK) as typeof import('./rare-resources.chunk.ts');
  return chunk.parseRareResources(record, at);
}

function parseMemory(value: Json | undefined, at: string): MemoryResources {
  const record = optionalRecord(value, at);
  return present<Required<MemoryResources>>(record, at, {
    limit: toInteger,
    reservation: toInteger,
    swap: toInteger,
    kernel: toInteger,
    kernelTCP: toInteger,
    swappiness: (inner, where) => toNumber(inner, where, [0, 100]),
    disableOOMKiller: toBoolean,
    checkBeforeUpdate: toBoolean,
  });
}

function parseCpu(value: Json | undefined, at: string): CpuResources {
  return present<Required<CpuResources>>(optionalRecord(value, at), at, {
    shares: toInteger,
    quota: toInteger,
    burst: toInteger,
    period: toInteger,
    realtimeRuntime: toInteger,
    realtimePeriod: toInteger,
    idle: toInteger,
    cpus: toText,
    mems: toText,
  });
}

function parseDeviceRule(value: Json | undefined, at: string): DeviceRule {
  const record = toRecord(value, at);
  // An `a` among the letters, a slip for the type, is passed over by the peers.
  const text = isAbsent(record['access']) ? '' : toText(record['access'], `${at}.access`);
  const access = text.length > 1 ? text.replace('a', '') : text;
  if (!/^[rwm]{0,3}$/.test(access)) refuse(`${at}.access`, 'of the letters r, w and m');
  const type = isAbsent(record['type']) || record['type'] === '' ? 'a' : record['type'];
  if (type !== 'a' && type !== 'b' && type !== 'c') refuse(`${at}.type`, 'one of a, b, c');
  return {
    allow: toBoolean(record['allow'], `${at}.allow`),
    type,
    access: access === '' ? 'rwm' : access,
    ...anyOr('major', record['major'], at),
    ...anyOr('minor', record['minor'], at),
  };
}

/** -1 and absence both mean any number. */
function anyOr<K extends string>(
  key: K,
  value: Json | undefined,
  at: string,
): { readonly [P in K]?: number } {
  if (isAbsent(value)) return {};
  const number = toNumber(value, `${at}.${key}`, DEVICE_NUMBER);
  return (number === -1 ? {} : { [key]: number }) as { readonly [P in K]?: number };
}
