import type { Json, JsonObject } from '../../../pure/base/json.ts';
import type {
  BlockIo,
  BlockThrottle,
  BlockWeight,
  HugepageLimit,
  NetworkResources,
  RareResources,
  RdmaLimit,
} from '../../../pure/spec/runtime.ts';
import {
  isEmpty,
  optionalRecord,
  present,
  refuse,
  toFilledText,
  toInteger,
  toList,
  toNumber,
  toRecord,
  toText,
} from './fields.ts';

const DEVICE_NUMBER = [0, 2 ** 31 - 1] as const;
const U16 = [0, 2 ** 16 - 1] as const;
const U32 = [0, 2 ** 32 - 1] as const;

/** Parts of config-linux.md#control-groups that few documents have; what says nothing leaves no property. */
export function parseRareResources(record: JsonObject, at: string): RareResources {
  const given = Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)));
  return present<Required<RareResources>>(given, at, {
    blockIO: parseBlockIo,
    hugepageLimits: (value, where) => toList(value, where, parseHugepageLimit),
    network: parseNetwork,
    rdma: parseRdma,
    unified: parseUnified,
  });
}

function parseBlockIo(value: Json | undefined, at: string): BlockIo {
  const record = toRecord(value, at);
  const throttles = (name: string): readonly BlockThrottle[] =>
    toList(record[name], `${at}.${name}`, parseThrottle);
  return {
    ...present<{ weight: number; leafWeight: number }>(record, at, { weight: toU16, leafWeight: toU16 }),
    weightDevice: toList(record['weightDevice'], `${at}.weightDevice`, parseWeight),
    throttleReadBpsDevice: throttles('throttleReadBpsDevice'),
    throttleWriteBpsDevice: throttles('throttleWriteBpsDevice'),
    throttleReadIOPSDevice: throttles('throttleReadIOPSDevice'),
    throttleWriteIOPSDevice: throttles('throttleWriteIOPSDevice'),
  };
}

function parseWeight(value: Json | undefined, at: string): BlockWeight {
  const record = toRecord(value, at);
  return {
    ...parseDeviceNumbers(record, at),
    ...present<{ weight: number; leafWeight: number }>(record, at, { weight: toU16, leafWeight: toU16 }),
  };
}

function parseThrottle(value: Json | undefined, at: string): BlockThrottle {
  const record = toRecord(value, at);
  return { ...parseDeviceNumbers(record, at), rate: toInteger(record['rate'], `${at}.rate`) };
}

function parseDeviceNumbers(record: JsonObject, at: string): { major: number; minor: number } {
  return {
    major: toNumber(record['major'], `${at}.major`, DEVICE_NUMBER),
    minor: toNumber(record['minor'], `${at}.minor`, DEVICE_NUMBER),
  };
}

function toU16(value: Json | undefined, at: string): number {
  return toNumber(value, at, U16);
}

function toU32(value: Json | undefined, at: string): number {
  return toNumber(value, at, U32);
}

/** The size is part of a file's name. */
function parseHugepageLimit(value: Json | undefined, at: string): HugepageLimit {
  const record = toRecord(value, at);
  const pageSize = toText(record['pageSize'], `${at}.pageSize`);
  if (!/^[1-9][0-9]*[KMG]B$/.test(pageSize)) refuse(`${at}.pageSize`, 'of the form 64KB, 2MB or 1GB');
  return { pageSize, limit: toInteger(record['limit'], `${at}.limit`) };
}

function parseNetwork(value: Json | undefined, at: string): NetworkResources {
  const record = toRecord(value, at);
  return {
    ...present<{ classID: number }>(record, at, { classID: toU32 }),
    priorities: toList(record['priorities'], `${at}.priorities`, (entry, where) => {
      const priority = toRecord(entry, where);
      return {
        name: toWord(priority['name'], `${where}.name`),
        priority: toNumber(priority['priority'], `${where}.priority`, U32),
      };
    }),
  };
}

function parseRdma(value: Json | undefined, at: string): readonly RdmaLimit[] {
  return Object.entries(toRecord(value, at)).map(([device, limits]) => {
    const where = `${at}.${device}`;
    return {
      device: toWord(device, where),
      ...present<{ hcaHandles: number; hcaObjects: number }>(optionalRecord(limits, where), where, {
        hcaHandles: toU32,
        hcaObjects: toU32,
      }),
    };
  });
}

/** A name that stands in a line of words. */
function toWord(value: Json | undefined, at: string): string {
  const text = toFilledText(value, at);
  return /^\S+$/.test(text) ? text : refuse(at, 'a name without blanks');
}

/** The key is a file's name, so never a path. */
function parseUnified(value: Json | undefined, at: string): readonly (readonly [string, string])[] {
  return Object.entries(toRecord(value, at)).map(([file, content]) => {
    if (!/^[a-z0-9_]+(\.[A-Za-z0-9_-]+)+$/.test(file))
      refuse(`${at}.${file}`, 'named like a file of a cgroup');
    return [file, toText(content, `${at}.${file}`)] as const;
  });
}
