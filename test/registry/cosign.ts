import { sign, type KeyObject } from 'node:crypto';
import type { RemoteBox } from './remote-box.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';

export interface Claimed {
  readonly digest: string;
  readonly name: string;
  readonly type?: string;
  /** Beside what it lies, where that is something else. */
  readonly of?: string;
}

/** What cosign signs (its specs/SIGNATURE_SPEC.md). */
export function claimOf({ digest, name, type = 'cosign container image signature' }: Claimed): Buffer {
  const identity = { 'docker-reference': name };
  const critical = { identity, image: { 'docker-manifest-digest': digest }, type };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

/** Puts a signature beside an image, as `cosign sign --key` does. */
export function signIn(remote: RemoteBox, key: KeyObject, claimed: Claimed): void {
  const payload = claimOf(claimed);
  const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', payload, key);
  attach(remote, claimed.of ?? claimed.digest, { payload, signature });
}

export function attach(
  { registry }: RemoteBox,
  of: string,
  { payload, signature }: { readonly payload: Buffer; readonly signature: Buffer },
): void {
  const config = Buffer.from(
    '{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}',
  );
  const layer = {
    mediaType: SIMPLE_SIGNING,
    size: payload.length,
    digest: registry.addBlob(payload),
    annotations: { 'dev.cosignproject.cosign/signature': signature.toString('base64') },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, size: config.length, digest: registry.addBlob(config) },
    layers: [layer],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  registry.addManifest(`${of.replace(':', '-')}.sig`, MANIFEST, bytes);
}
