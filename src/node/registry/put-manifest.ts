import type { Digest } from '../../pure/base/digest.ts';
import { registryError } from './errors.ts';
import type { RegistrySession } from './registry-session.ts';
import { pushScopes } from './upload-blob.ts';

export interface ManifestUpload {
  /** A tag, or the digest itself. */
  readonly name: string;
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface PutManifest {
  /** Whether the registry has entered it in the list of its subject's referrers. */
  readonly knowsSubject: boolean;
}

/** Puts a manifest or an index, whose blobs and manifests the registry has by now, under a name. */
export async function putManifest(session: RegistrySession, manifest: ManifestUpload): Promise<PutManifest> {
  const { name, mediaType, digest, bytes } = manifest;
  const answer = await session.send(
    {
      method: 'PUT',
      path: `manifests/${name}`,
      scopes: pushScopes(session),
      headers: { 'content-type': mediaType, 'content-length': String(bytes.length) },
      body: () => bytes,
    },
    [201],
  );
  answer.body.destroy();
  const found = answer.headers['docker-content-digest'] ?? digest;
  const knowsSubject = answer.headers['oci-subject'] !== undefined;
  if (found === digest || !String(found).startsWith('sha256:')) return { knowsSubject };
  const text = `The registry ${session.host} stored the manifest ${digest} as ${String(found).slice(0, 80)}`;
  throw registryError('REGISTRY_ANSWER_INVALID', text);
}
