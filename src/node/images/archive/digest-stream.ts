import { createHash, type Hash } from 'node:crypto';
import { digestOfHex, type Digest } from '../../../pure/base/digest.ts';
import { invariant } from '../../../pure/base/errors.ts';

/** Sums up bytes as they pass. */
export class DigestStream {
  readonly #hash: Hash = createHash('sha256');
  #size = 0;

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
  }

  /** The digest of all bytes; call it once. */
  digest(): Digest {
    const digest = digestOfHex(this.#hash.digest('hex'));
    invariant(digest !== undefined, 'a SHA-256 sum is no digest');
    return digest;
  }
}

export function digestOfText(text: string): Digest {
  const sum = new DigestStream();
  sum.update(new TextEncoder().encode(text));
  return sum.digest();
}
