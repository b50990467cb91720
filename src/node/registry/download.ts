import type { RegistryAccess } from '../../pure/config/registry-access.ts';
import { registryError } from './errors.ts';
import { sendFollowing } from './http/follow.ts';
import { bodyOf } from './http/read-body.ts';
import { withRetries } from './http/retry.ts';
import { Transport } from './http/transport.ts';
import { DEFAULT_RETRY } from './retry-policy.ts';

/** The bytes of a file at an http or https address that is no registry's. */
export async function* download(
  url: URL,
  { access, signal }: { readonly access: RegistryAccess; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  using transport = new Transport({ ...access, tls: access.endpoints.at(-1)?.tls });
  const request = { method: 'GET', url, headers: { 'user-agent': 'corten' }, signal } as const;
  const answer = await withRetries(DEFAULT_RETRY, { signal, host: url.host }, () =>
    sendFollowing(transport, request),
  );
  if (answer.status === 200) {
    yield* bodyOf(answer);
    return;
  }
  answer.body.destroy();
  const code = answer.status === 404 ? 'REGISTRY_NOT_FOUND' : 'REGISTRY_FAILED';
  throw registryError(code, `The host ${answer.url.host} answered ${answer.status} for ${url.pathname}`);
}
