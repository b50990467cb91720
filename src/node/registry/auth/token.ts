import { parseJson } from '../../../pure/base/json.ts';
import type { Credentials } from '../../../pure/config/registry-access.ts';
import { JsonFields } from '../../../pure/base/json-fields.ts';
import { registryError } from '../errors.ts';
import { readBody, type Answer } from '../http/read-body.ts';
import type { Challenge } from './challenge.ts';

/** Who asks for a token, as RFC 6749 section 2.2 wants a client to be called. */
const CLIENT_ID = 'corten';
/** Bytes of a token server's answer. */
const MAX_ANSWER = 1 << 20;

export interface TokenRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface TokenWish {
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  /** The registry that sent the challenge. */
  readonly registry: URL;
}

/**
 * The request for a token (distribution's spec/auth/token.md and oauth.md). The realm is the registry's word: it has
 * to be https, unless the registry itself is plain.
 */
export function tokenRequest({ challenge, scopes, credentials, registry }: TokenWish): TokenRequest {
  const url = realmOf(challenge, registry);
  const service = challenge.parameters.get('service');
  const scope = scopesOf(challenge, scopes);
  const headers = { accept: 'application/json' };
  if (credentials?.kind === 'identity') {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID });
    if (service !== undefined) form.set('service', service);
    form.set('scope', scope.join(' '));
    form.set('refresh_token', credentials.token);
    const body = new TextEncoder().encode(form.toString());
    const type = 'application/x-www-form-urlencoded';
    return { method: 'POST', url, body, headers: { ...headers, 'content-type': type } };
  }
  if (service !== undefined) url.searchParams.set('service', service);
  for (const one of scope) url.searchParams.append('scope', one);
  if (credentials?.kind !== 'password') return { method: 'GET', url, headers };
  url.searchParams.set('account', credentials.username);
  return { method: 'GET', url, headers: { ...headers, authorization: basic(credentials) } };
}

/** The token of a token server's answer. */
export async function readToken(answer: Answer): Promise<string> {
  const what = `The answer of the token server ${answer.url.host}`;
  const fault = (field: string, words: string): Error =>
    registryError(
      'REGISTRY_ANSWER_INVALID',
      field === '' ? `${what} ${words}` : `${what} has a field ${field} that ${words}`,
    );
  const text = new TextDecoder().decode(await readBody(answer, MAX_ANSWER, what));
  const fields = new JsonFields(parse(text, fault), '', fault);
  // The first is distribution's own, the second OAuth2's.
  const token = fields.string('token') ?? fields.string('access_token');
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) throw fault('token', 'is missing or no token');
  return token;
}

export function basic({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function parse(text: string, fault: (field: string, words: string) => Error): ReturnType<typeof parseJson> {
  try {
    return parseJson(text);
  } catch {
    throw fault('', 'is not JSON');
  }
}

function realmOf({ parameters }: Challenge, registry: URL): URL {
  const text = parameters.get('realm') ?? '';
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  const isAllowed =
    realm?.protocol === 'https:' || (realm?.protocol === 'http:' && registry.protocol === 'http:');
  if (realm !== undefined && isAllowed && realm.username === '' && realm.password === '') return realm;
  const shown = JSON.stringify(text.slice(0, 200));
  const message = `The registry ${registry.host} names ${shown} as the place to log in, which is no https address`;
  throw registryError('REGISTRY_ANSWER_INVALID', message);
}

/** What we need, and what the registry says beyond that. */
function scopesOf({ parameters }: Challenge, scopes: readonly string[]): readonly string[] {
  const told = (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  return [...new Set([...scopes, ...told])];
}
