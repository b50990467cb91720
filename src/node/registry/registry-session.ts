import type { Readable } from 'node:stream';
import type { RegistryAccess, RegistryEndpoint } from '../../pure/config/registry-access.ts';
import { Authorizer } from './auth/authorizer.ts';
import type { TokenRequest } from './auth/token.ts';
import { failedAnswer } from './failed-answer.ts';
import { sendFollowing } from './http/follow.ts';
import { isPlain } from './http/probe.ts';
import type { Answer } from './http/read-body.ts';
import { isPassing, TryLater, withRetries } from './http/retry.ts';
import { Transport, type HttpRequest } from './http/transport.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry-policy.ts';

export interface SessionOptions {
  readonly access: RegistryAccess;
  readonly endpoint: RegistryEndpoint;
  /** The repository's path, as the reference has it. */
  readonly repository: string;
  readonly signal: AbortSignal;
  readonly retry?: RetryPolicy;
}

export interface RegistryRequest {
  readonly method?: HttpRequest['method'];
  /** Below the repository, as `manifests/latest`; below the API's root with a `/`; or an address that the registry gave. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => Uint8Array | Readable;
  /** What the token is for; reading the repository unless given. */
  readonly scopes?: readonly string[];
}

/** Requests to one endpoint about one repository: connections, credentials, redirects and retries. */
export class RegistrySession {
  readonly repository: string;
  readonly endpoint: RegistryEndpoint;
  readonly signal: AbortSignal;
  readonly retry: RetryPolicy;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;
  #base: URL;
  #probe: Promise<void> | undefined;

  constructor({ access, endpoint, repository, signal, retry = DEFAULT_RETRY }: SessionOptions) {
    this.repository = endpoint.repository ?? repository;
    this.endpoint = endpoint;
    this.signal = signal;
    this.retry = retry;
    this.#base = baseOf(endpoint);
    this.#transport = new Transport({ ...access, tls: endpoint.tls });
    this.#authorizer = new Authorizer({
      registry: () => this.#base,
      credentials: endpoint.credentials,
      ask: (request) => this.#ask(request),
    });
  }

  /** What people call the endpoint. */
  get host(): string {
    return this.#base.host;
  }

  /** `https://host:port`; findProtocol() comes before. */
  get origin(): string {
    return this.#base.origin;
  }

  /** Finds out whether a host that may speak plain HTTP does; every request does it by itself. */
  async findProtocol(): Promise<void> {
    if (this.endpoint.plainHttp === 'fallback') await (this.#probe ??= this.#tryTls());
  }

  pullScopes(): readonly string[] {
    return [`repository:${this.repository}:pull`];
  }

  /**
   * Sends a request until an answer is final; one that isn't of `expected` is an error of the registry's own words.
   * The answer's body is for the caller to read or to destroy.
   */
  async send(request: RegistryRequest, expected: readonly number[]): Promise<Answer> {
    const { retry, signal, host } = this;
    const answer = await withRetries(retry, { signal, host }, () => this.sendOnce(request));
    if (expected.includes(answer.status)) return answer;
    throw await failedAnswer(answer, this.repository);
  }

  /** As send(), but once: what may pass is thrown as it is, and every final answer is one. */
  async sendOnce(request: RegistryRequest): Promise<Answer> {
    await this.findProtocol();
    const scopes = request.scopes ?? this.pullScopes();
    const isNew = this.#authorizer.header(scopes) === undefined;
    for (let tries = isNew ? 1 : 0; ; tries++) {
      const used = this.#authorizer.header(scopes);
      const answer = await this.#exchange(request, used);
      if (answer.status !== 401 || answer.url.origin !== this.#base.origin) return answer;
      answer.body.destroy();
      // A token that was kept may be too old; one that is new and refused stays refused.
      if (tries === 2) throw this.#authorizer.refusal('it answered 401');
      await this.#authorizer.learn(answer, scopes, used);
    }
  }

  urlOf(path: string): URL {
    const repository = path.startsWith('/') ? '' : `/${this.repository}/`;
    const url = new URL(`${this.#base.href}${repository}${path}`);
    if (this.endpoint.namespace !== undefined) url.searchParams.set('ns', this.endpoint.namespace);
    return url;
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  async #exchange(request: RegistryRequest, authorization: string | undefined): Promise<Answer> {
    const url = typeof request.path === 'string' ? this.urlOf(request.path) : request.path;
    const isOwn = url.origin === this.#base.origin;
    const own = {
      ...Object.fromEntries(this.endpoint.headers ?? []),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const answer = await sendFollowing(
      this.#transport,
      {
        method: request.method ?? 'GET',
        url,
        headers: { 'user-agent': 'corten', ...request.headers },
        body: request.body?.(),
        signal: this.signal,
      },
      isOwn ? own : {},
    );
    if (!isPassing(answer.status)) return answer;
    answer.body.destroy();
    throw new TryLater(answer, Date.now());
  }

  #ask(request: TokenRequest): Promise<Answer> {
    const { signal } = this;
    return withRetries(this.retry, { signal, host: request.url.host }, async () => {
      const answer = await sendFollowing(this.#transport, { ...request, signal });
      if (!isPassing(answer.status)) return answer;
      answer.body.destroy();
      throw new TryLater(answer, Date.now());
    });
  }

  async #tryTls(): Promise<void> {
    if (!(await isPlain(this.#transport, new URL(`${this.#base.href}/`), this.signal))) return;
    this.#base = new URL(this.#base.href.replace(/^https:/, 'http:'));
  }
}

function baseOf({ url, plainHttp, isWholePath }: RegistryEndpoint): URL {
  const text = plainHttp === 'only' ? url.replace(/^https:/, 'http:') : url;
  return new URL(`${text.replace(/\/+$/, '')}${isWholePath === true ? '' : '/v2'}`);
}
