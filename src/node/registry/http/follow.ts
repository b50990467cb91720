import { registryError } from '../errors.ts';
import type { Answer } from './read-body.ts';
import type { HttpRequest, Transport } from './transport.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What only the host that it was meant for may see. */
const PRIVATE_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * Sends a request and follows where it is led. Another host gets neither credentials nor the endpoint's own headers
 * (`extra`), and nobody leads from TLS to plain HTTP.
 */
export async function sendFollowing(
  transport: Transport,
  first: Omit<HttpRequest, 'isOwnHost'>,
  extra: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  let { url } = first;
  for (let hops = 0; ; hops++) {
    const isOwnHost = url.origin === first.url.origin;
    const headers = isOwnHost ? { ...extra, ...first.headers } : publicOnly(first.headers);
    const body = await transport.send({ ...first, url, headers, isOwnHost });
    const answer = { status: body.statusCode ?? 0, headers: body.headers, body, url };
    if (!REDIRECTS.has(answer.status) || (first.method !== 'GET' && first.method !== 'HEAD')) return answer;
    body.destroy();
    if (hops === MAX_REDIRECTS) throw misled(url, `leads on more than ${MAX_REDIRECTS} times`);
    url = targetOf(answer);
  }
}

function publicOnly(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !PRIVATE_HEADERS.has(name)));
}

function targetOf({ headers, url }: Answer): URL {
  const location = headers.location ?? '';
  const target = URL.canParse(location, url) && location !== '' ? new URL(location, url) : undefined;
  const shown = JSON.stringify(location.slice(0, 200));
  if (target === undefined) throw misled(url, `leads to ${shown}, which is no address`);
  const isAllowed = target.protocol === 'https:' || (target.protocol === 'http:' && url.protocol === 'http:');
  if (!isAllowed) throw misled(url, `leads to ${shown}, which is no https address`);
  if (target.username !== '' || target.password !== '')
    throw misled(url, 'leads to an address with a password');
  return target;
}

function misled(url: URL, what: string): Error {
  return registryError('REGISTRY_ANSWER_INVALID', `The registry ${url.host} ${what}`);
}
