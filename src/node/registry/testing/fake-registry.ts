import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RegistryAccess, RegistryEndpoint } from '../../../pure/config/registry-access.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const RANGE = /^bytes=(\d+)-$/;

interface Special {
  readonly path: RegExp;
  readonly method?: string;
  left: number;
  readonly handle: Handler;
}

/** A registry on loopback that answers as it should, but for what a test makes it do instead. */
export class FakeRegistry {
  /** `METHOD path` each, with the range if one was asked for. */
  readonly requests: string[] = [];
  /** Headers of the same requests. */
  readonly headers: IncomingMessage['headers'][] = [];
  readonly blobs = new Map<string, Uint8Array>();
  /** By tag and digest. */
  readonly manifests = new Map<string, { readonly type: string; readonly bytes: Uint8Array }>();
  readonly #server: Server;
  readonly #handlers: Special[] = [];

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  access(more: Partial<RegistryEndpoint> = {}): RegistryAccess {
    return {
      endpoints: [{ url: this.url, plainHttp: 'only', capabilities: ['pull', 'resolve', 'push'], ...more }],
    };
  }

  addBlob(bytes: Uint8Array): string {
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    return digest;
  }

  addManifest(tag: string, type: string, bytes: Uint8Array): string {
    const digest = digestOf(bytes);
    this.manifests.set(tag, { type, bytes });
    this.manifests.set(digest, { type, bytes });
    return digest;
  }

  /** Does something else for requests to a path, the next `times` of them. */
  on(path: RegExp, handle: Handler, times = Infinity): void {
    this.#handlers.push({ path, left: times, handle });
  }

  /** As on(), before what was said earlier, and for one request of one method. */
  onFirst(path: RegExp, method: string, handle: Handler): void {
    this.#handlers.unshift({ path, method, left: 1, handle });
  }

  /** As on(): an answer of status and headers with a body. */
  reply(path: RegExp, [status, headers, body = '']: Reply, times = Infinity): void {
    this.on(path, (_request, response) => response.writeHead(status, headers).end(body), times);
  }

  /** What a right registry would answer. */
  readonly right: Handler = (request, response) => {
    const [, kind, name = ''] = /^\/v2\/.+\/(blobs|manifests)\/([^/?]+)$/.exec(request.url ?? '') ?? [];
    const manifest = this.manifests.get(name);
    if (kind === 'manifests' && manifest !== undefined) {
      response.writeHead(200, { 'content-type': manifest.type, 'content-length': manifest.bytes.length });
      response.end(request.method === 'HEAD' ? undefined : manifest.bytes);
      return;
    }
    const blob = this.blobs.get(name);
    if (kind === 'blobs' && blob !== undefined) return sendBlob(request, response, blob);
    if (/^\/v2\/?$/.test(request.url ?? '')) return void response.end('{}');
    response.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN","message":"no such thing"}]}');
  };

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { range } = request.headers;
    this.requests.push(`${request.method} ${request.url}${range === undefined ? '' : ` ${range}`}`);
    this.headers.push(request.headers);
    const own = this.#handlers.find(
      ({ path, method = request.method, left }) =>
        left > 0 && method === request.method && path.test(request.url ?? ''),
    );
    if (own !== undefined) own.left -= 1;
    (own?.handle ?? this.right)(request, response);
  }
}

export type Reply = readonly [
  status: number,
  headers: Readonly<Record<string, string>>,
  body?: string | Buffer,
];

function sendBlob(request: IncomingMessage, response: ServerResponse, blob: Uint8Array): void {
  const from = Number(RANGE.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { 'content-length': blob.length - from };
  if (from === 0) response.writeHead(200, headers);
  else {
    const range = `bytes ${from}-${blob.length - 1}/${blob.length}`;
    response.writeHead(206, { ...headers, 'content-range': range });
  }
  response.end(blob.subarray(from));
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
