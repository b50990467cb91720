/**
 * Image names by the grammar of distribution (github.com/distribution/reference, reference.go) and Docker's
 * rules for short ones (normalize.go): `hello` is `docker.io/library/hello:latest`.
 */
import { toDigest, type Digest } from '../base/digest.ts';
import { storeError } from './errors.ts';

export interface Reference {
  /** Host, and port if any: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** Repository within the domain: `library/hello`. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

const DEFAULT_DOMAIN = 'docker.io';
const LOCAL_DOMAIN = 'localhost';
const LEGACY_DOMAIN = 'index.docker.io';
const OFFICIAL = 'library/';
const DEFAULT_TAG = 'latest';
/** distribution's NameTotalLengthMax. */
const MAX_NAME = 255;
/** A name, a tag and a digest with their separators. */
const MAX_TEXT = MAX_NAME + 1 + 128 + 1 + 71;

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const DOMAIN =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const IDENTIFIER = /^[0-9a-f]{64}$/;

/** Parses what a user or an archive calls an image; without tag and digest the tag is `latest`. */
export function parseReference(text: string): Reference {
  if (text === '') throw invalid(text, 'is empty');
  if (text.length > MAX_TEXT) throw invalid(text, `is longer than ${MAX_TEXT} characters`);
  if (IDENTIFIER.test(text)) throw invalid(text, 'looks like an image ID');
  const [named, digest] = splitDigest(text);
  const [name, tag] = splitTag(named, text);
  const { domain, path } = splitDomain(name);
  checkName(domain, path, text);
  return { domain, path, tag: tag ?? (digest === undefined ? DEFAULT_TAG : undefined), digest };
}

/**
 * What a user may mean, the likeliest first: a name without a registry is one of Docker Hub, or one that podman
 * built and so calls `localhost/…`.
 */
export function referencesMeant(text: string): readonly [Reference, ...Reference[]] {
  const reference = parseReference(text);
  const { domain, path } = reference;
  if (domain !== DEFAULT_DOMAIN || text.startsWith(`${DEFAULT_DOMAIN}/`)) return [reference];
  const isLong = text.startsWith(OFFICIAL) || text.startsWith(`${LEGACY_DOMAIN}/`);
  const bare = !isLong && path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path;
  return [reference, { ...reference, domain: LOCAL_DOMAIN, path: bare }];
}

/** Whether a name leaves its registry out. */
export function isShortName(text: string): boolean {
  return !hasDomain(text);
}

/** The full form, under which the store keeps a name. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.domain}/${reference.path}${tag}${digest}`;
}

/** The form for people: without `docker.io/` and `library/`; the tag stays. Takes a full form. */
export function shortReference(full: string): string {
  const prefix = `${DEFAULT_DOMAIN}/`;
  if (!full.startsWith(prefix)) return full;
  const path = full.slice(prefix.length);
  const bare = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path;
  // `library/a/b` may not become `a/b`, which means another repository, nor `a.b/c`, which means another registry.
  const short = bare.includes('/') ? path : bare;
  return formatReference(parseReference(short)) === full ? short : full;
}

function splitDigest(text: string): readonly [string, Digest | undefined] {
  const at = text.indexOf('@');
  if (at < 0) return [text, undefined];
  const digest = toDigest(text.slice(at + 1));
  if (digest === undefined) throw invalid(text, 'has a digest that is not sha256: and 64 hexadecimal digits');
  return [text.slice(0, at), digest];
}

function splitTag(named: string, text: string): readonly [string, string | undefined] {
  const colon = named.lastIndexOf(':');
  if (colon < 0 || named.includes('/', colon)) return [named, undefined];
  const tag = named.slice(colon + 1);
  if (!TAG.test(tag)) throw invalid(text, 'has a tag that is not 1 to 128 of letters, digits, _ . -');
  return [named.slice(0, colon), tag];
}

function splitDomain(name: string): { readonly domain: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isNamed = hasDomain(name);
  const domain = isNamed ? first : DEFAULT_DOMAIN;
  const path = isNamed ? name.slice(slash + 1) : name;
  if (domain !== DEFAULT_DOMAIN && domain !== LEGACY_DOMAIN) return { domain, path };
  return { domain: DEFAULT_DOMAIN, path: path.includes('/') ? path : `${OFFICIAL}${path}` };
}

function hasDomain(name: string): boolean {
  const first = name.slice(0, Math.max(name.indexOf('/'), 0));
  return /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
}

function checkName(domain: string, path: string, text: string): void {
  if (domain.length + 1 + path.length > MAX_NAME) {
    throw invalid(text, `has a name longer than ${MAX_NAME} characters`);
  }
  if (!DOMAIN.test(domain)) throw invalid(text, 'has a registry host that is no host name');
  if (path !== path.toLowerCase()) throw invalid(text, 'has capital letters in its repository name');
  if (!path.split('/').every((component) => COMPONENT.test(component))) {
    throw invalid(text, 'is no valid image name: lower-case letters and digits, separated by . _ __ - or /');
  }
}

function invalid(text: string, what: string): Error {
  return storeError('REFERENCE_INVALID', `Image name ${JSON.stringify(text.slice(0, MAX_TEXT))} ${what}`);
}
