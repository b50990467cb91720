/** What podman's registries.conf says (containers-registries.conf(5)), both its versions. */
import { JsonFields } from '../base/json-fields.ts';
import type { Json } from '../base/json.ts';
import { configError } from './errors.ts';

/** A file of configuration, parsed. */
export interface ConfigFile {
  readonly path: string;
  readonly content: Json;
}

export interface MirrorRule {
  readonly location: string;
  readonly isInsecure: boolean;
  /** For which references it is asked. */
  readonly when: 'all' | 'digest-only' | 'tag-only';
}

export interface RegistryRule {
  /** `host[/path]` or `*.host`: names that begin with it are meant. */
  readonly prefix: string;
  /** What takes the prefix's place; empty for a wildcard that changes no name. */
  readonly location: string;
  readonly isInsecure: boolean;
  readonly isBlocked: boolean;
  readonly mirrors: readonly MirrorRule[];
  /** The file that says so. */
  readonly file: string;
}

export interface RegistriesConf {
  /** unqualified-search-registries; undefined where no file says. */
  readonly search: readonly string[] | undefined;
  readonly rules: readonly RegistryRule[];
  /** Short names that stand for whole ones. */
  readonly aliases: ReadonlyMap<string, string>;
}

export const NO_REGISTRIES_CONF: RegistriesConf = { search: undefined, rules: [], aliases: new Map() };

/** The files as one, each later one over those before, prefix by prefix. */
export function parseRegistriesConf(files: readonly ConfigFile[]): RegistriesConf {
  return files.reduce((before, file) => merge(before, parseFile(file)), NO_REGISTRIES_CONF);
}

function merge(before: RegistriesConf, { search, rules, aliases }: RegistriesConf): RegistriesConf {
  const prefixes = new Set(rules.map(({ prefix }) => prefix));
  const all = [...before.aliases, ...aliases].filter(([name]) => aliases.get(name) !== '');
  return {
    search: search ?? before.search,
    rules: [...before.rules.filter(({ prefix }) => !prefixes.has(prefix)), ...rules],
    aliases: new Map(all),
  };
}

function parseFile({ path, content }: ConfigFile): RegistriesConf {
  const fault = (field: string, what: string): Error =>
    configError('CONFIG_INVALID', `Field ${field === '' ? 'of the top' : field} of the file ${path} ${what}`);
  const root = new JsonFields(content, '', fault);
  const key = 'unqualified-search-registries';
  return {
    search: root.has(key) ? root.strings(key) : oldList(root, 'search'),
    rules: [...oldRules(root, path), ...root.objects('registry').map((fields) => parseRule(fields, path))],
    aliases: root.stringMap('aliases'),
  };
}

/** Version 1: `[registries.search] registries = […]`, and so on. */
function oldList(root: JsonFields, name: string): readonly string[] | undefined {
  const table = root.object('registries')?.object(name);
  return table === undefined || !table.has('registries') ? undefined : table.strings('registries');
}

function oldRules(root: JsonFields, file: string): readonly RegistryRule[] {
  const [insecure, blocked] = [oldList(root, 'insecure') ?? [], oldList(root, 'block') ?? []];
  return [...new Set([...insecure, ...blocked])].map((prefix) => ({
    prefix,
    location: prefix,
    isInsecure: insecure.includes(prefix),
    isBlocked: blocked.includes(prefix),
    mirrors: [],
    file,
  }));
}

function parseRule(fields: JsonFields, file: string): RegistryRule {
  const given = trimmed(fields.string('location') ?? '');
  const prefix = trimmed(fields.string('prefix') ?? given);
  if (prefix === '') throw fields.fault('prefix', 'is missing, and location too');
  const isWildcard = prefix.startsWith('*.');
  if (prefix.slice(isWildcard ? 2 : 0).includes('*'))
    throw fields.fault('prefix', 'has a * elsewhere than in *.HOST');
  const isDigestOnly = fields.isTrue('mirror-by-digest-only');
  return {
    prefix,
    location: given === '' && !isWildcard ? prefix : given,
    isInsecure: fields.isTrue('insecure'),
    isBlocked: fields.isTrue('blocked'),
    mirrors: fields.objects('mirror').map((mirror) => parseMirror(mirror, isDigestOnly)),
    file,
  };
}

function parseMirror(fields: JsonFields, isDigestOnly: boolean): MirrorRule {
  const location = trimmed(fields.requiredString('location'));
  const when = fields.string('pull-from-mirror') || (isDigestOnly ? 'digest-only' : 'all');
  if (when !== 'all' && when !== 'digest-only' && when !== 'tag-only') {
    throw fields.fault('pull-from-mirror', 'is none of all, digest-only and tag-only');
  }
  return { location, isInsecure: fields.isTrue('insecure'), when };
}

function trimmed(location: string): string {
  return location.replace(/^https?:\/\//, '').replace(/\/+$/, '');
}
