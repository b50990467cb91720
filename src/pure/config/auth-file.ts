/**
 * Credentials for registries as Docker's config.json (docker/cli cli/config/configfile/file.go) and podman's
 * auth.json (containers-auth.json(5)) keep them.
 */
import { fromBase64 } from '../base/base64.ts';
import { formatJson, parseJson, type Json, type JsonObject } from '../base/json.ts';
import { JsonFields } from '../base/json-fields.ts';
import { configError } from './errors.ts';
import type { Credentials } from './registry-access.ts';

export interface AuthFile {
  /** The file's path, for errors. */
  readonly path: string;
  readonly text: string;
}

export interface AuthTarget {
  /** Host, and port if any. */
  readonly domain: string;
  /** The repository's path; empty for the registry as a whole. */
  readonly repository: string;
}

export type FoundAuth =
  | Credentials
  /** A program `docker-credential-NAME` knows more: it is asked for `server`. */
  | { readonly kind: 'helper'; readonly name: string; readonly server: string };

/** What Docker calls its own registry in these files. */
const HUB_SERVER = 'https://index.docker.io/v1/';
const HUB_NAMES: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
const HELPER = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The ways to credentials that a file has for a repository, the most particular first. */
export function findAuth(file: AuthFile, target: AuthTarget): readonly FoundAuth[] {
  const root = fieldsOf(file);
  const auths = root.object('auths');
  const server = serverOf(target.domain);
  const helpers = root.stringMap('credHelpers');
  const named = [...helpers].find(([key]) => hostOf(key) === hostOf(target.domain))?.[1];
  const helper = named ?? root.string('credsStore');
  const found: FoundAuth[] = [];
  if (helper !== undefined && helper !== '') found.push(helperOf(file, helper, server));
  const entry = auths === undefined ? undefined : entryFor(auths, target);
  const credentials = entry === undefined ? undefined : credentialsOf(entry);
  return credentials === undefined ? found : [...found, credentials];
}

/** What a credential helper is asked for, and what `auths` calls the registry. */
export function serverOf(domain: string): string {
  return HUB_NAMES.has(domain) ? HUB_SERVER : domain;
}

/** `docker-credential-NAME get`'s answer: a user of that name means a token. */
export function parseHelperAnswer(text: string, name: string): Credentials {
  const fields = parse(text, `The answer of docker-credential-${name}`);
  const [username, secret] = [fields.requiredString('Username'), fields.requiredString('Secret')];
  return username === '<token>'
    ? { kind: 'identity', token: secret }
    : { kind: 'password', username, password: secret };
}

/** The program that keeps what is logged in to a registry; undefined where the file itself does. */
export function helperFor(file: AuthFile, domain: string): string | undefined {
  const [first] = findAuth({ ...file, text: withoutAuths(file) }, { domain, repository: '' });
  return first?.kind === 'helper' ? first.name : undefined;
}

/** The file's text with a login to a registry, which replaces the one that there was. */
export function withLogin(file: AuthFile, domain: string, entry: Readonly<Record<string, string>>): string {
  const root = objectOf(file);
  const auths = Object.fromEntries(otherAuths(root, domain));
  return `${formatJson({ ...root, auths: { ...auths, [serverOf(domain)]: entry } }, 2)}\n`;
}

/** The file's text without what it has for a registry; undefined if that is nothing. */
export function withoutLogin(file: AuthFile, domain: string): string | undefined {
  const root = objectOf(file);
  const left = otherAuths(root, domain);
  if (left.length === Object.keys(authsOf(root)).length) return undefined;
  return `${formatJson({ ...root, auths: Object.fromEntries(left) }, 2)}\n`;
}

function objectOf(file: AuthFile): JsonObject {
  fieldsOf(file);
  return parseJson(file.text.trim() === '' ? '{}' : file.text) as JsonObject;
}

function authsOf(root: JsonObject): JsonObject {
  const auths = Object.hasOwn(root, 'auths') ? root['auths'] : undefined;
  return typeof auths === 'object' && auths !== null && !Array.isArray(auths) ? (auths as JsonObject) : {};
}

function otherAuths(root: JsonObject, domain: string): readonly (readonly [string, Json | undefined])[] {
  return Object.entries(authsOf(root)).filter(([key]) => keyOf(key) !== hostOf(domain));
}

function withoutAuths(file: AuthFile): string {
  return formatJson({ ...objectOf(file), auths: {} });
}

function fieldsOf({ path, text }: AuthFile): JsonFields {
  return parse(text.trim() === '' ? '{}' : text, `The file ${path}`);
}

function parse(text: string, name: string): JsonFields {
  const fault = (field: string, what: string): Error =>
    configError(
      'CONFIG_INVALID',
      field === '' ? `${name} ${what}` : `Field ${field} of ${name.replace(/^The /, 'the ')} ${what}`,
    );
  try {
    return new JsonFields(parseJson(text), '', fault);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw configError('CONFIG_INVALID', `${name} is not JSON`);
  }
}

function helperOf({ path }: AuthFile, name: string, server: string): FoundAuth {
  if (HELPER.test(name)) return { kind: 'helper', name, server };
  const shown = JSON.stringify(name.slice(0, 100));
  throw configError(
    'CONFIG_INVALID',
    `The file ${path} names a credential helper ${shown}, which is no name`,
  );
}

/** podman's entries may be for a part of a registry (`host/team`): the longest that fits counts. */
function entryFor(auths: JsonFields, { domain, repository }: AuthTarget): JsonFields | undefined {
  const wanted = `${hostOf(domain)}/${repository}`;
  const [key] = auths
    .names()
    .map((text) => [text, keyOf(text)] as const)
    .filter(([, place]) => wanted === place || wanted.startsWith(`${place}/`))
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([text]) => text);
  return key === undefined ? undefined : auths.object(key);
}

function credentialsOf(entry: JsonFields): Credentials | undefined {
  const [identity, bearer] = [entry.string('identitytoken'), entry.string('registrytoken')];
  if (bearer !== undefined && bearer !== '') return { kind: 'bearer', token: bearer };
  if (identity !== undefined && identity !== '') return { kind: 'identity', token: identity };
  const auth = entry.string('auth') ?? '';
  const text = auth === '' ? plainOf(entry) : fromBase64(auth);
  if (text === undefined || !text.includes(':')) {
    if (auth === '') return undefined;
    throw entry.fault('auth', 'is not the base64 form of user:password');
  }
  const colon = text.indexOf(':');
  // Docker once padded them with NUL.
  const password = text.slice(colon + 1).replace(/\0+$/, '');
  return { kind: 'password', username: text.slice(0, colon), password };
}

function plainOf(entry: JsonFields): string | undefined {
  const [username, password] = [entry.string('username'), entry.string('password')];
  return username === undefined || password === undefined ? undefined : `${username}:${password}`;
}

/** A key without scheme; old ones of Docker end in the API's version. */
function keyOf(key: string): string {
  const bare = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  return slash < 0 ? hostOf(bare) : hostOf(bare.slice(0, slash)) + bare.slice(slash);
}

function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return HUB_NAMES.has(host) ? 'docker.io' : host;
}
