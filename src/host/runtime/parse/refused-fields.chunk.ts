import type { Json, JsonObject } from '../../../pure/base/json.ts';
import {
  isAbsent,
  refuse,
  toBoolean,
  toChoice,
  toFilledText,
  toList,
  toNumber,
  toRecord,
  toText,
  toUnsigned,
} from './fields.ts';

type Value = Json | undefined;
/** Throws SPEC_INVALID, naming the field. */
type Check = (value: Value, at: string) => void;

/**
 * Validates a field that will be refused because it isn't supported, so that a document that is wrong as well is told
 * so first (the specification's schema, 1.3).
 */
export function validateRefused(field: string, value: Value): void {
  CHECKS[field]?.(value, field);
}

const texts: Check = (value, at) => void toList(value, at, toText);
const LARGEST = Number.MAX_SAFE_INTEGER;

/** An object: of `required` each must be there, of `optional` each is checked if it is. */
function object(
  optional: Readonly<Record<string, Check>>,
  required: Readonly<Record<string, Check>> = {},
): Check {
  return (value, at) => {
    const record: JsonObject = toRecord(value, at);
    for (const [name, check] of Object.entries(required)) check(record[name], `${at}.${name}`);
    for (const [name, check] of Object.entries(optional)) {
      if (!isAbsent(record[name])) check(record[name], `${at}.${name}`);
    }
  };
}

function list(check: Check): Check {
  return (value, at) => void toList(value, at, check);
}

function choice(...names: readonly string[]): Check {
  return (value, at) => void toChoice(value, at, names);
}

function count(most = LARGEST): Check {
  return (value, at) => void toNumber(value, at, [0, most]);
}

const absolute: Check = (value, at) => {
  if (!toFilledText(value, at).startsWith('/')) refuse(at, 'an absolute path');
};

const filled: Check = (value, at) => {
  if (toListOf(value, at).length === 0) refuse(at, 'a list that is not empty');
};

function toListOf(value: Value, at: string): readonly string[] {
  return toList(value, at, toFilledText);
}

const RDT = {
  closID: toText,
  schemata: texts,
  l3CacheSchema: toText,
  memBwSchema: toText,
  enableMonitoring: toBoolean,
  enableCMT: toBoolean,
  enableMBM: toBoolean,
};

/** netdevice(7): IFNAMSIZ is 16 with the NUL at the end. */
const deviceName: Check = (value, at) => {
  const name = toFilledText(value, at);
  if (!/^[^/:\s]{1,15}$/.test(name) || name === '.' || name === '..')
    refuse(at, 'the name of a network device');
};

const netDevices: Check = (value, at) => {
  for (const [name, device] of Object.entries(toRecord(value, at))) {
    deviceName(name, at);
    object({ name: deviceName })(device, `${at}["${name}"]`);
  }
};

/** set_mempolicy(2) */
const MODES = [
  'DEFAULT',
  'BIND',
  'INTERLEAVE',
  'WEIGHTED_INTERLEAVE',
  'PREFERRED',
  'PREFERRED_MANY',
  'LOCAL',
];
const FLAGS = ['NUMA_BALANCING', 'RELATIVE_NODES', 'STATIC_NODES'];

const nodes: Check = (value, at) => {
  if (!/^(?:\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)?$/.test(toText(value, at)))
    refuse(at, 'a list of numbers such as 0-3,7');
};

const VM = object(
  {
    hypervisor: object({ parameters: texts }, { path: absolute }),
    image: object({}, { path: absolute, format: choice('raw', 'qcow2', 'vdi', 'vmdk', 'vhd') }),
    hwConfig: object({ deviceTree: toText, vcpus: count(), memory: toUnsigned }),
  },
  { kernel: object({ parameters: texts, initrd: absolute }, { path: absolute }) },
);

const WINDOWS = object(
  {
    devices: list(object({}, { id: toFilledText, idType: choice('class', 'vpci-instance') })),
    resources: object({
      memory: object({ limit: toUnsigned }),
      cpu: object({ count: count(), shares: count(10_000), maximum: count(10_000) }),
      storage: object({ iops: toUnsigned, bps: toUnsigned, sandboxSize: toUnsigned }),
    }),
    network: object({
      endpointList: texts,
      allowUnqualifiedDNSQuery: toBoolean,
      DNSSearchList: texts,
      networkSharedContainerName: toText,
      networkNamespace: toText,
    }),
    servicing: toBoolean,
    ignoreFlushesDuringBoot: toBoolean,
    hyperv: object({ utilityVMPath: toText }),
  },
  { layerFolders: filled },
);

const SOLARIS = object({
  milestone: toText,
  limitpriv: toText,
  maxShmMemory: toText,
  cappedCPU: object({ ncpus: toText }),
  cappedMemory: object({ physical: toText, swap: toText }),
  anet: list(object({ linkname: toText, lowerLink: toText, allowedAddress: toText, macAddress: toText })),
});

const ZOS = object({
  namespaces: list(object({ path: absolute }, { type: choice('pid', 'mount', 'ipc', 'uts') })),
});

const FREEBSD = object({
  devices: list(object({ mode: count() }, { path: toFilledText })),
  jail: object({
    parent: toText,
    host: choice('new', 'inherit'),
    ip4: choice('new', 'inherit', 'disable'),
    ip6: choice('new', 'inherit', 'disable'),
    vnet: choice('new', 'inherit'),
    sysvmsg: choice('new', 'inherit', 'disable'),
    sysvsem: choice('new', 'inherit', 'disable'),
    sysvshm: choice('new', 'inherit', 'disable'),
    interface: toText,
    enforceStatfs: count(2),
  }),
});

const CHECKS: Readonly<Record<string, Check>> = {
  'process.apparmorProfile': toText,
  'process.selinuxLabel': toText,
  'linux.mountLabel': toText,
  'linux.intelRdt': object(RDT),
  'linux.netDevices': netDevices,
  'linux.memoryPolicy': object(
    { nodes, flags: list(choice(...FLAGS.map((name) => `MPOL_F_${name}`))) },
    { mode: choice(...MODES.map((name) => `MPOL_${name}`)) },
  ),
  windows: WINDOWS,
  solaris: SOLARIS,
  vm: VM,
  zos: ZOS,
  freebsd: FREEBSD,
};
