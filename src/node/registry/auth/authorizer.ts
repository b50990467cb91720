import type { Credentials } from '../../../pure/config/registry-access.ts';
import { registryError } from '../errors.ts';
import type { Answer } from '../http/read-body.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import { basic, readToken, tokenRequest, type TokenRequest } from './token.ts';

export interface AuthorizerOptions {
  /** The registry, as it is reached. */
  readonly registry: () => URL;
  readonly credentials: Credentials | undefined;
  /** Sends a request to wherever a token is had. */
  readonly ask: (request: TokenRequest) => Promise<Answer>;
}

/** Knows what to say in the header Authorization, and learns it from a registry's challenges. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  /** By scopes. */
  readonly #headers = new Map<string, string>();
  readonly #pending = new Map<string, Promise<string>>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** What is known to open the door for these scopes, if anything is. */
  header(scopes: readonly string[]): string | undefined {
    const { credentials } = this.#options;
    return credentials?.kind === 'bearer'
      ? `Bearer ${credentials.token}`
      : this.#headers.get(scopes.join(' '));
  }

  /**
   * Takes a refusal (401) of a request that was sent with `used`, and finds another header. Throws
   * REGISTRY_UNAUTHORIZED where there is none.
   */
  async learn(answer: Answer, scopes: readonly string[], used: string | undefined): Promise<void> {
    const key = scopes.join(' ');
    const known = this.header(scopes);
    // Another request has learned meanwhile.
    if (known !== undefined && known !== used) return;
    this.#headers.delete(key);
    const pending = this.#pending.get(key) ?? this.#find(answer, scopes, used);
    this.#pending.set(key, pending);
    try {
      this.#headers.set(key, await pending);
    } finally {
      this.#pending.delete(key);
    }
  }

  async #find(answer: Answer, scopes: readonly string[], used: string | undefined): Promise<string> {
    const { credentials, ask, registry } = this.#options;
    const challenges = parseChallenges(answer.headers['www-authenticate'] ?? '');
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined && credentials?.kind !== 'bearer') {
      const wish = { challenge: bearer, scopes, credentials, registry: registry() };
      const reply = await ask(tokenRequest(wish));
      if (reply.status === 200) return `Bearer ${await readToken(reply)}`;
      reply.body.destroy();
      throw this.refusal(`the token server ${reply.url.host} answered ${reply.status}`);
    }
    const header = basicHeader(challenges, credentials);
    if (header === undefined || header === used) throw this.refusal('it answered 401');
    return header;
  }

  /** That the registry lets nobody in, or not this one. */
  refusal(why: string): Error {
    const { credentials, registry } = this.#options;
    const { host } = registry();
    const who =
      credentials === undefined
        ? `wants a login (${why})`
        : `refuses the credentials ${credentials.kind === 'password' ? `of ${credentials.username} ` : ''}(${why})`;
    const text = `The registry ${host} ${who}: corten login ${host} gives it others`;
    return registryError('REGISTRY_UNAUTHORIZED', text, { data: { host } });
  }
}

function basicHeader(
  challenges: readonly Challenge[],
  credentials: Credentials | undefined,
): string | undefined {
  if (credentials?.kind !== 'password') return undefined;
  return challenges.some(({ scheme }) => scheme === 'basic') ? basic(credentials) : undefined;
}
