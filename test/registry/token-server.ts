import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Certificates } from './certificates.ts';

/** Gives tokens as distribution's spec/auth/token.md and oauth.md say: to jane all, to others reading of `open/`. */
export class TokenServer {
  /** One line a request: method, user or grant, scopes. */
  readonly requests: string[] = [];
  /** Seconds that a token is good for. */
  lifetime = 300;
  readonly #server: Server;
  readonly #certificates: Certificates;

  private constructor(certificates: Certificates) {
    this.#certificates = certificates;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(certificates: Certificates): Promise<TokenServer> {
    const server = new TokenServer(certificates);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get realm(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.realm);
    const form = request.method === 'POST' ? new URLSearchParams(await textOf(request)) : url.searchParams;
    const scopes = form.getAll('scope').flatMap((scope) => scope.split(' '));
    const user = userOf(request, form);
    this.requests.push(`${request.method} ${user ?? 'nobody'} ${scopes.join(' ')}`);
    if (user === 'wrong') {
      response.writeHead(401).end('{}');
      return;
    }
    const key = request.method === 'POST' ? 'access_token' : 'token';
    response.end(JSON.stringify({ [key]: this.#token(user, scopes), expires_in: this.lifetime }));
  }

  #token(user: string | undefined, scopes: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    const access = scopes.flatMap((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':');
      const allowed = user === 'jane' || name.startsWith('open/') ? actions.split(',') : [];
      return [
        { type, name, actions: user === 'jane' ? allowed : allowed.filter((action) => action === 'pull') },
      ];
    });
    const certificate = new X509Certificate(readFileSync(this.#certificates.certificate));
    const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate.raw.toString('base64')] };
    const claims = {
      iss: 'issuer.test',
      sub: user ?? '',
      aud: 'registry.test',
      exp: now + this.lifetime,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const text = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const key = { key: readFileSync(this.#certificates.key), dsaEncoding: 'ieee-p1363' } as const;
    return `${text}.${createSign('sha256').update(text).sign(key).toString('base64url')}`;
  }
}

function userOf(request: IncomingMessage, form: URLSearchParams): string | undefined {
  if (form.get('grant_type') === 'refresh_token') {
    return form.get('refresh_token') === 'refresh-jane' ? 'jane' : 'wrong';
  }
  const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== 'Basic') return undefined;
  return Buffer.from(encoded, 'base64').toString() === 'jane:secret' ? 'jane' : 'wrong';
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
