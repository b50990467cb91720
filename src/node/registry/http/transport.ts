import { readFileSync } from 'node:fs';
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createSecureContext, rootCertificates } from 'node:tls';
import type { ProxySettings, TlsSettings } from '../../../pure/config/registry-access.ts';
import { CutConnection, explainFailure } from './failure.ts';

/** Milliseconds without a byte, from the name's look-up to the end of the body. */
const IDLE_TIMEOUT = 60_000;
/** Bytes of all headers of an answer: signed addresses of blobs take 2 KiB. */
const MAX_HEADERS = 32 << 10;
/** Connections to one host at a time. */
const MAX_SOCKETS = 8;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Its length is among the headers. */
  readonly body?: Uint8Array | Readable | undefined;
  readonly signal: AbortSignal;
  /** Whether the client's certificate may be shown: only to the endpoint that it is for. */
  readonly isOwnHost: boolean;
}

export interface TransportOptions {
  readonly tls?: TlsSettings | undefined;
  readonly proxy?: ProxySettings | undefined;
  /** A file. */
  readonly authorities?: string | undefined;
}

/** Connections for one endpoint, and for whatever it redirects to. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #plain: PlainAgent;
  #own: SecureAgent | undefined;
  #foreign: SecureAgent | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#plain = new PlainAgent({ keepAlive: true, maxSockets: MAX_SOCKETS, ...proxyOf(options) });
  }

  /** Sends one request; the answer's body is for the caller to read or to destroy. Errors are explainFailure()'s. */
  send(request: HttpRequest): Promise<IncomingMessage> {
    const { url, method, headers, signal, body } = request;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const isSecure = url.protocol === 'https:';
    const open = isSecure ? secureRequest : plainRequest;
    const agent = isSecure ? this.#secure(request.isOwnHost) : this.#plain;
    const options = { method, headers, signal, agent, maxHeaderSize: MAX_HEADERS, timeout: IDLE_TIMEOUT };
    const outgoing = open(url, options, resolve);
    outgoing.on('timeout', () => outgoing.destroy(silence(url.host)));
    outgoing.on('error', (error) => reject(signal.aborted ? error : explainFailure(error, url.host)));
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
    else body.on('error', (error) => outgoing.destroy(error)).pipe(outgoing);
    return promise;
  }

  [Symbol.dispose](): void {
    for (const agent of [this.#plain, this.#own, this.#foreign]) agent?.destroy();
  }

  #secure(isOwnHost: boolean): SecureAgent {
    if (isOwnHost) return (this.#own ??= secureAgent(this.#options, true));
    return (this.#foreign ??= secureAgent(this.#options, false));
  }
}

function silence(host: string): Error {
  return new CutConnection(`${host} was silent for ${IDLE_TIMEOUT / 1000} s`, undefined);
}

function secureAgent({ tls, authorities, proxy }: TransportOptions, isOwnHost: boolean): SecureAgent {
  const [client] = isOwnHost ? (tls?.clients ?? []) : [];
  const machine = authorities === undefined ? rootCertificates : [readFileSync(authorities, 'utf8')];
  const secureContext = createSecureContext({
    ca: [...machine, ...(tls?.authorities ?? [])],
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
  });
  return new SecureAgent({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    secureContext,
    rejectUnauthorized: !(isOwnHost && tls?.skipVerify === true),
    ...proxyOf({ proxy }),
  });
}

function proxyOf({ proxy }: TransportOptions): { readonly proxyEnv?: NodeJS.ProcessEnv } {
  if (proxy === undefined) return {};
  return { proxyEnv: { HTTP_PROXY: proxy.http, HTTPS_PROXY: proxy.https, NO_PROXY: proxy.none } };
}
