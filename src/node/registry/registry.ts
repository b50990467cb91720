import { invariant, isCortenError } from '../../pure/base/errors.ts';
import type { Capability, RegistryAccess } from '../../pure/config/registry-access.ts';
import { getManifest, type ManifestName, type RemoteManifest } from './get-manifest.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { readBlob, type BlobRequest } from './read-blob.ts';
import { RegistrySession } from './registry-session.ts';

export interface RegistryOptions {
  readonly access: RegistryAccess;
  /** The repository's path, as the reference has it. */
  readonly repository: string;
  readonly signal: AbortSignal;
  readonly retry?: RetryPolicy;
}

/** A repository, by whichever of its endpoints answers: mirrors first. */
export class Registry {
  readonly sessions: readonly RegistrySession[];

  constructor(options: RegistryOptions) {
    const { endpoints } = options.access;
    this.sessions = endpoints.map((endpoint) => new RegistrySession({ ...options, endpoint }));
  }

  /** The endpoint that is the registry itself. */
  get own(): RegistrySession {
    const last = this.sessions.at(-1);
    invariant(last !== undefined, 'a registry has no endpoint');
    return last;
  }

  /** As getManifest() of the first endpoint that has it. */
  async getManifest(name: ManifestName): Promise<RemoteManifest> {
    const sessions = this.#able('digest' in name ? 'pull' : 'resolve');
    for (const session of sessions.slice(0, -1)) {
      try {
        return await getManifest(session, name);
      } catch (error) {
        if (!mayGoOn(error, session)) throw error;
      }
    }
    return await getManifest(sessions.at(-1) ?? this.own, name);
  }

  /** As readBlob(); where one endpoint fails in the middle, the next goes on. */
  async *readBlob(request: BlobRequest): AsyncGenerator<Uint8Array> {
    const sessions = this.#able('pull');
    let from = request.from;
    for (const session of sessions) {
      try {
        for await (const chunk of readBlob(session, { ...request, from })) {
          from += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        if (session === sessions.at(-1) || !mayGoOn(error, session)) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    for (const session of this.sessions) session[Symbol.dispose]();
  }

  #able(capability: Capability): readonly RegistrySession[] {
    return this.sessions.filter(({ endpoint }) => endpoint.capabilities.includes(capability));
  }
}

/** A mirror's failure is no reason to fail as long as there is another. */
function mayGoOn(error: unknown, { signal }: RegistrySession): boolean {
  return isCortenError(error) && !signal.aborted;
}
