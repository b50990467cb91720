import { digestHex, toDigest, type Digest } from '../../../pure/base/digest.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import type { RemoteManifest } from '../../registry/get-manifest.ts';
import type { Registry } from '../../registry/registry.ts';
import { fieldsOf, parseText } from '../manifest/parse-json.ts';
import { fetchConfig } from '../pull/fetch-config.ts';

export interface Signature {
  /** What is signed. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const ANNOTATION = 'dev.cosignproject.cosign/signature';
/** Signatures of one image that are looked at. */
const MAX_SIGNATURES = 50;

/** The signatures under the tag `sha256-….sig` of an image's repository; none if there is no such tag. */
export async function fetchSignatures(registry: Registry, digest: Digest): Promise<readonly Signature[]> {
  const manifest = await manifestOf(registry, `sha256-${digestHex(digest)}.sig`);
  if (manifest === undefined) return [];
  const name = `The signatures of ${digest}`;
  const layers = fieldsOf(parseText(new TextDecoder().decode(manifest.bytes), name), name).objects('layers');
  const found: Signature[] = [];
  for (const layer of layers.slice(0, MAX_SIGNATURES)) {
    const signature = layer.stringMap('annotations').get(ANNOTATION);
    const blob = toDigest(layer.requiredString('digest'));
    if (layer.string('mediaType') !== SIMPLE_SIGNING || signature === undefined || blob === undefined)
      continue;
    const descriptor = { mediaType: SIMPLE_SIGNING, digest: blob, size: layer.requiredCount('size') };
    found.push({
      payload: await fetchConfig(registry, descriptor),
      signature: Buffer.from(signature, 'base64'),
    });
  }
  return found;
}

async function manifestOf(registry: Registry, tag: string): Promise<RemoteManifest | undefined> {
  try {
    return await registry.getManifest({ tag });
  } catch (error) {
    if (isCortenError(error) && error.code === 'REGISTRY_NOT_FOUND') return undefined;
    throw error;
  }
}
