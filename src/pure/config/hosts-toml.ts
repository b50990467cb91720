/** What containerd's hosts.toml says of a registry (containerd docs/hosts.md). */
import { JsonFields } from '../base/json-fields.ts';
import type { ConfigFile } from './registries-conf.ts';
import { configError } from './errors.ts';
import type { Capability } from './registry-access.ts';

export interface HostEntry {
  /** `scheme://host[:port][/path]` */
  readonly url: string;
  /** Whether the path is the whole of the API's root, without `/v2` behind it. */
  readonly isWholePath: boolean;
  readonly capabilities: readonly Capability[];
  readonly skipVerify: boolean;
  /** Files of authorities, as they are written. */
  readonly authorities: readonly string[];
  /** Files of a client's certificate and its key, which may be one. */
  readonly clients: readonly (readonly [certificate: string, key: string])[];
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface HostsFile {
  /** In the file's order. */
  readonly hosts: readonly HostEntry[];
  /** The registry itself, as it is tried last; undefined where the file says nothing of it. */
  readonly server: HostEntry | undefined;
}

const ALL: readonly Capability[] = ['pull', 'resolve', 'push'];
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?(?:\/|$)/;

export function parseHostsToml({ path, content }: ConfigFile): HostsFile {
  const fault = (field: string, what: string): Error =>
    configError('CONFIG_INVALID', `Field ${field === '' ? 'of the top' : field} of the file ${path} ${what}`);
  const root = new JsonFields(content, '', fault);
  const table = root.object('host');
  const hosts = (table?.names() ?? []).map((name) => {
    const fields = table?.object(name);
    if (fields === undefined) throw root.fault('host', 'has an entry that is no table');
    return parseEntry(fields, name);
  });
  const server = root.string('server');
  return {
    hosts,
    server: server === undefined ? undefined : { ...parseEntry(root, server), capabilities: ALL },
  };
}

function parseEntry(fields: JsonFields, name: string): HostEntry {
  const url = urlOf(fields, name);
  // One that names `/v2` itself gets no second.
  const isWholePath = fields.isTrue('override_path') || url.replace(/^https?:\/\/[^/]*/, '').endsWith('/v2');
  const named = fields.has('capabilities') ? fields.strings('capabilities') : ALL;
  return {
    url,
    isWholePath,
    capabilities: named.map((text) => capabilityOf(fields, text)),
    skipVerify: fields.isTrue('skip_verify'),
    authorities: textOrTexts(fields, 'ca'),
    clients: clientsOf(fields),
    headers: headersOf(fields),
  };
}

function urlOf(fields: JsonFields, name: string): string {
  const text = name.includes('://') ? name : `${LOOPBACK.test(name) ? 'http' : 'https'}://${name}`;
  if (/^https?:\/\/[^/\s?#@]+(?:\/[^\s?#]*)?$/.test(text)) return text.replace(/\/+$/, '');
  throw fields.fault('', `has ${JSON.stringify(name.slice(0, 200))}, which is no address of a registry`);
}

function capabilityOf(fields: JsonFields, text: string): Capability {
  if (text === 'pull' || text === 'resolve' || text === 'push') return text;
  throw fields.fault(
    'capabilities',
    `has ${JSON.stringify(text.slice(0, 40))}, which is none of pull, resolve and push`,
  );
}

function textOrTexts(fields: JsonFields, key: string): readonly string[] {
  if (!fields.has(key)) return [];
  return fields.isList(key) ? fields.strings(key) : [fields.requiredString(key)];
}

/** A file, a list of files, or a list of pairs. */
function clientsOf(fields: JsonFields): HostEntry['clients'] {
  if (!fields.has('client')) return [];
  if (!fields.isList('client')) {
    const file = fields.requiredString('client');
    return [[file, file]];
  }
  return fields.lists('client').map((item) => {
    const [certificate, key = certificate] = item;
    if (certificate === undefined || key === undefined || item.length > 2) {
      throw fields.fault('client', 'has an entry that is neither a file nor a pair of files');
    }
    return [certificate, key];
  });
}

function headersOf(fields: JsonFields): HostEntry['headers'] {
  const table = fields.object('header');
  return (table?.names() ?? []).flatMap((name) =>
    textOrTexts(table ?? fields, name).map((value) => [name.toLowerCase(), value] as const),
  );
}
