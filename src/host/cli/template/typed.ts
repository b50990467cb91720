import { Empty, type Value } from './values.ts';

/** Fields of docker's documents that are maps: their keys are names that people give. */
const MAPS: ReadonlySet<string> = new Set([
  'Labels',
  'Annotations',
  'Volumes',
  'ExposedPorts',
  'PortBindings',
  'Ports',
  'Networks',
  'Sysctls',
  'Tmpfs',
  'StorageOpt',
  'DriverOpts',
  'Options',
  'Containers',
  'Attributes',
]);
/** Maps below another name than their own. */
const MAPS_IN: ReadonlyMap<string, string> = new Map([
  ['LogConfig', 'Config'],
  ['GraphDriver', 'Data'],
  ['Actor', 'Attributes'],
]);
/** Fields that are pointers to one value, and so print as nothing when there is none. */
const POINTERS: ReadonlySet<string> = new Set([
  'PidsLimit',
  'OomKillDisable',
  'MemorySwappiness',
  'Init',
  'Health',
  'Healthcheck',
  'IPAMConfig',
  'StopTimeout',
  'SizeRw',
  'SizeRootFs',
  'GraphDriver',
]);

/** A document as Go's types have it, out of plain JSON. `name` is the field that it is the value of. */
export function typed(json: unknown, name = '', parent = ''): Value {
  const isMap = MAPS.has(name) || MAPS_IN.get(parent) === name;
  if (json === null) return POINTERS.has(name) ? null : new Empty(isMap ? 'map[]' : '[]');
  if (Array.isArray(json)) return json.map((inner) => typed(inner, '', name));
  if (typeof json === 'object') {
    const entries = Object.entries(json).map(
      ([key, inner]) => [key, typed(inner, isMap ? '' : key, name)] as const,
    );
    return isMap ? new Map(entries) : withIdentifier(Object.fromEntries(entries));
  }
  return json as Value;
}

/** Go's field `ID` is called `Id` in JSON: both words are used. */
function withIdentifier(struct: Readonly<Record<string, Value>>): Value {
  if (!Object.hasOwn(struct, 'Id') || Object.hasOwn(struct, 'ID')) return struct;
  return Object.defineProperty({ ...struct }, 'ID', { value: struct['Id'], enumerable: false });
}
