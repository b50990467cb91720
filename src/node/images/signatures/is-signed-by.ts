import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { imagesError } from '../errors.ts';
import type { Signature } from './fetch-signatures.ts';

/** Whether a key has made a signature: ECDSA or RSA (PKCS#1 v1.5) over SHA-256, or Ed25519, as cosign makes them. */
export function isSignedBy({ payload, signature }: Signature, pem: string, file: string): boolean {
  const key = publicKey(pem, file);
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return verify(algorithm, payload, key, signature);
}

const KINDS = new Set(['ec', 'rsa', 'ed25519']);
/** Bits; shorter ones are nobody's proof. */
const SHORTEST_RSA = 2048;

function publicKey(pem: string, file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: 'pem' });
  } catch (error) {
    throw imagesError('IMAGE_SIGNATURE', `A key of ${file} is no public key in PEM`, { cause: error });
  }
  const { asymmetricKeyType: kind = 'unknown', asymmetricKeyDetails: details } = key;
  const isLong = kind !== 'rsa' || (details?.modulusLength ?? 0) >= SHORTEST_RSA;
  if (KINDS.has(kind) && isLong) return key;
  const text = `A key of ${file} is of the kind ${kind}${isLong ? '' : ' and too short'}: ECDSA, RSA from ${SHORTEST_RSA} bits on and Ed25519 are taken`;
  throw imagesError('IMAGE_SIGNATURE', text);
}
