import type { Digest } from '../../../pure/base/digest.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import type { SignatureWish } from '../../../pure/config/signature-wish.ts';
import { matchesIdentity } from '../../../pure/store/matches-identity.ts';
import type { Reference } from '../../../pure/store/reference.ts';
import type { Registry } from '../../registry/registry.ts';
import { imagesError } from '../errors.ts';
import { fetchSignatures, type Signature } from './fetch-signatures.ts';
import { isSignedBy } from './is-signed-by.ts';
import { parseClaim } from './parse-claim.ts';

export interface SignedImage {
  readonly reference: Reference;
  /** The name as the user knows it, for errors. */
  readonly name: string;
  /** Digests of which one has to be signed: the manifest's, or that of the index that lists it. */
  readonly digests: readonly Digest[];
}

/**
 * Throws IMAGE_SIGNATURE unless the image has every signature that is wished for: cosign's, beside the image in its
 * registry (cosign specs/SIGNATURE_SPEC.md), by a key.
 */
export async function checkSignatures(
  registry: Registry,
  image: SignedImage,
  wishes: readonly SignatureWish[],
): Promise<void> {
  if (wishes.length === 0) return;
  const signatures: Signature[] = [];
  for (const digest of new Set(image.digests)) signatures.push(...(await fetchSignatures(registry, digest)));
  for (const wish of wishes) {
    const faults = signatures.map((signature) => faultOf(signature, image, wish));
    if (faults.includes(undefined)) continue;
    const why =
      faults.length === 0
        ? 'it has no signature'
        : [...new Set(faults.map((fault) => fault ?? ''))].slice(0, 3).join('; ');
    throw imagesError('IMAGE_SIGNATURE', `The image ${image.name} is refused by ${wish.file}: ${why}`);
  }
}

/** What is wrong with a signature; undefined if nothing. */
function faultOf(signature: Signature, image: SignedImage, wish: SignatureWish): string | undefined {
  // Nothing of what is signed is read before it is known to be.
  if (!wish.keys.some((key) => isSignedBy(signature, key, wish.file))) {
    return 'none of the keys has made its signature';
  }
  try {
    const { digest, reference } = parseClaim(signature.payload);
    if (!image.digests.includes(digest)) return `its signature is for ${digest}`;
    if (!matchesIdentity(wish.identity, image.reference, reference)) {
      return `its signature is for the name ${JSON.stringify(reference.slice(0, 300))} (signedIdentity ${wish.identity.type})`;
    }
    return undefined;
  } catch (error) {
    if (isCortenError(error)) return error.message;
    throw error;
  }
}
